import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';

import { moveOf, openWorld, registerReady } from '@proofmark/registry/test/world';

import { CONTROL_MIGRATIONS } from '../../src/store/control-schema.ts';
import { openDatabase } from '../../src/store/database.ts';
import { openRegistryStore } from '../../src/store/registry-store.ts';

test('a registry of the first schema keeps its aliases and goes on from there', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'proofmark-schema-'));
  const file = path.join(folder, 'control.db');
  const [first = ''] = CONTROL_MIGRATIONS;
  const old = openDatabase({ file, migrations: [first], synchronous: 'full' });
  old.exec('PRAGMA foreign_keys = OFF');
  old.exec(
    `INSERT INTO aliases VALUES ('production', 'live', 'support-assistant', '1.0.0', 'm', 0, 'r', 1)`,
  );
  old.exec(`INSERT INTO documents VALUES ('r', 'record')`);
  old.close();

  const world = await openWorld({ store: openRegistryStore(folder) });
  const kept = await world.store.alias('production', 'live');
  await registerReady(world);
  const moved = await world.registry.promote(moveOf());

  assert.equal(kept?.recordDigest, 'r');
  assert.equal(moved.alias?.generation, 1);
});

test('tables that only grow say so to whoever tries', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'proofmark-schema-'));
  openRegistryStore(folder).close();
  const database = new DatabaseSync(path.join(folder, 'control.db'));

  const triggers = database
    .prepare(`SELECT name FROM sqlite_master WHERE type = 'trigger'`)
    .all()
    .map((row) => row['name']);

  for (const table of [
    'alias_moves',
    'bases',
    'revocations',
    'collections',
    'records',
    'notices',
  ]) {
    assert.ok(triggers.includes(`${table}_no_update`) && triggers.includes(`${table}_no_delete`));
  }
});
