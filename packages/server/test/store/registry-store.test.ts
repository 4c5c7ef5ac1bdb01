import assert from 'node:assert/strict';
import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';

import { storeContract } from '@proofmark/registry/test/store-contract';
import { moveOf, openWorld, registerReady } from '@proofmark/registry/test/world';

import { openLogLock } from '../../src/store/log-lock.ts';
import { openRegistryStore } from '../../src/store/registry-store.ts';

function newFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'proofmark-store-'));
}

storeContract('SQLite', () => {
  const folder = newFolder();
  return { store: openRegistryStore(folder), reopen: () => openRegistryStore(folder) };
});

test('a version is promoted on SQLite, and another opening sees the alias', async () => {
  const folder = newFolder();
  const store = openRegistryStore(folder);
  const lock = openLogLock(path.join(folder, 'log.db'));
  const world = await openWorld({ store, lock, directory: path.join(folder, 'log') });
  await registerReady(world);

  const result = await world.registry.promote(moveOf());
  const alias = await openRegistryStore(folder).alias('production', 'live');

  assert.equal(result.outcome, 'moved');
  assert.deepEqual(alias, result.alias);
});

test('history cannot be rewritten through the tables', async () => {
  const folder = newFolder();
  const world = await openWorld({ store: openRegistryStore(folder) });
  await registerReady(world);
  await world.registry.promote(moveOf());
  const database = new DatabaseSync(path.join(folder, 'control.db'));

  for (const table of ['documents', 'versions', 'evidence', 'records']) {
    assert.throws(() => database.exec(`DELETE FROM ${table}`), /append-only/);
    const column = table === 'documents' ? 'text' : 'log_index';
    assert.throws(() => database.exec(`UPDATE ${table} SET ${column} = ${column}`), /append-only/);
  }
});

test('only the owner can read the data', () => {
  const folder = path.join(newFolder(), 'data');

  openRegistryStore(folder).close();

  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.equal(statSync(path.join(folder, 'control.db')).mode & 0o777, 0o600);
});
