import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { ServerError, openShadowStore } from '@proofmark/server';
import type { ShadowPairRow, ShadowRunRow, ShadowStore } from '@proofmark/server';

type NewRun = Omit<ShadowRunRow, 'endedAtMs' | 'endReason' | 'dropped'>;

function run(id: string, change: Partial<NewRun> = {}): NewRun {
  return {
    id,
    route: 'support',
    environment: 'demo',
    name: 'assistant',
    version: '1.1.0',
    manifestDigest: 'a'.repeat(64),
    liveManifestDigest: 'b'.repeat(64),
    spec: '{}',
    specDigest: 'c'.repeat(64),
    share: 0.25,
    sessionIdleMs: 1000,
    startedAtMs: 10,
    startedBy: 'ann',
    ...change,
  };
}

function pair(atMs: number, change: Partial<ShadowPairRow> = {}): ShadowPairRow {
  return {
    runId: 'r1',
    session: 's',
    atMs,
    answered: true,
    problem: '',
    scores: '[]',
    ...change,
  };
}

function openNew(): { readonly folder: string; readonly store: ShadowStore } {
  const folder = mkdtempSync(path.join(tmpdir(), 'proofmark-shadow-'));
  return { folder, store: openShadowStore(folder) };
}

async function list(store: ShadowStore, id: string): Promise<readonly ShadowPairRow[]> {
  return Array.fromAsync(store.pairs(id));
}

test('a run and its pairs outlive the process, in the order in which they came', async () => {
  const { folder, store } = openNew();
  await store.start(run('r1'));
  const failed = pair(12, { answered: false, problem: 'GATEWAY_UPSTREAM_TIMEOUT' });
  assert.equal(await store.addPairs([pair(13), failed]), 2);
  assert.equal(await store.addPairs([]), 0);
  await store.addDropped('r1', 3);
  store.close();

  const again = openShadowStore(folder);
  const open = await again.open('support');
  assert.deepEqual(open, { ...run('r1'), endedAtMs: null, endReason: '', dropped: 3 });
  assert.deepEqual(await list(again, 'r1'), [pair(13), failed]);
  again.close();
});

test('a long run is read in pages, whole', async () => {
  const { store } = openNew();
  await store.start(run('r1'));
  const rows = Array.from({ length: 2001 }, (_, i) => pair(i));
  await store.addPairs(rows);

  assert.deepEqual(await list(store, 'r1'), rows);
  store.close();
});

test('a route has one open run: the second is told which one runs', async () => {
  const { store } = openNew();
  await store.start(run('r1'));

  await assert.rejects(
    store.start(run('r2', { version: '1.2.0' })),
    (error) =>
      error instanceof ServerError &&
      error.code === 'SERVER_SHADOW_CONFLICT' &&
      error.message.includes('assistant@1.1.0'),
  );
  await store.start(run('r3', { route: 'other', startedAtMs: 20 }));
  await store.end('r1', 50, 'stopped by ann');
  await store.end('r1', 60, 'again');
  await store.start(run('r2', { startedAtMs: 60 }));

  const runs = await store.runs(10);
  assert.deepEqual(
    runs.map(({ id, endedAtMs, endReason }) => [id, endedAtMs, endReason]),
    [
      ['r2', null, ''],
      ['r3', null, ''],
      ['r1', 50, 'stopped by ann'],
    ],
  );
  store.close();
});

test('a run that has ended takes no pairs', async () => {
  const { store } = openNew();
  await store.start(run('r1'));
  await store.end('r1', 50, 'stopped');

  assert.equal(await store.addPairs([pair(51), pair(52, { runId: 'unknown' })]), 0);
  assert.deepEqual(await list(store, 'r1'), []);
  store.close();
});
