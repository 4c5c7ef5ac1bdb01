import assert from 'node:assert/strict';
import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';

import { storeContract } from '@proofmark/registry/test/store-contract';
import { moveOf, openWorld, registerReady, registryError } from '@proofmark/registry/test/world';

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

test('of two processes that promote at the same time one wins, and the log holds one promotion', async () => {
  const folder = newFolder();
  const open = () =>
    openWorld({
      store: openRegistryStore(folder),
      lock: openLogLock(path.join(folder, 'log.db')),
      directory: path.join(folder, 'log'),
    });
  const [here, elsewhere] = [await open(), await open()];
  await registerReady(here);
  elsewhere.clock.nowMs += 60_000;

  const results = await Promise.allSettled([
    here.registry.promote(moveOf()),
    elsewhere.registry.promote(moveOf()),
  ]);

  const won = results.filter((r) => r.status === 'fulfilled');
  const lost = results.filter((r) => r.status === 'rejected');
  assert.deepEqual([won.length, lost.length], [1, 1]);
  assert.ok(
    lost[0]?.status === 'rejected' && registryError('REGISTRY_ALIAS_MOVED')(lost[0].reason),
  );
  assert.deepEqual((await elsewhere.registry.audit()).findings, []);
  assert.equal((await here.store.records({ limit: 10 })).length, 1);
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
