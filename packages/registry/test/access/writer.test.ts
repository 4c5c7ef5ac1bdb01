import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sha256Hex } from '@proofmark/core';
import { readGrant, writerOf } from '@proofmark/registry';
import { decodeEntry } from '@proofmark/tlog';
import type { LogEntry } from '@proofmark/tlog';

import { NOW_MS, moveOf, openWorld, registerReady, withReads } from '../world.ts';
import type { World } from '../world.ts';

async function entries({ log }: World): Promise<readonly LogEntry[]> {
  return (await log.entries(0, log.status().size)).map((bytes) => decodeEntry(bytes));
}

/** A registry in which every kind of write has happened once at least. */
async function busyWorld(): Promise<World> {
  const world = await openWorld();
  const { registry } = world;
  await registerReady(world);
  await registry.promote({ ...moveOf(), actor: 'olga' });
  await registry.rollback({ ...moveOf(), actor: 'rita' });
  await registry.promote({ ...moveOf('support-assistant'), version: '1.0.0', alias: 'canary' });
  await registry.recordAccess({
    action: 'created',
    actor: 'alice',
    reason: 'made',
    atMs: NOW_MS,
    credential: {
      id: 'x',
      kind: 'token',
      owner: 'ci',
      label: 'ci',
      grants: [readGrant('viewer', [])],
      expiresAtMs: NOW_MS,
    },
  });
  return world;
}

test('every write names its actor: version, evidence, moves, credentials', async () => {
  const world = await busyWorld();

  const told: string[] = [];
  for (const entry of await entries(world)) {
    told.push(`${entry.kind} ${await writerOf(world.store, entry)}`);
  }

  assert.deepEqual(told, [
    'version carol',
    'evidence scanner',
    'evidence scanner',
    'evidence tester',
    'evidence alice',
    'promotion olga',
    'rollback rita',
    'promotion carol',
    'access alice',
  ]);
});

test('who brought evidence is salted: nobody reads it from the log by trying names', async () => {
  const [one, two] = [await openWorld(), await openWorld()];
  for (const world of [one, two]) await registerReady(world);
  const evidence = async (world: World): Promise<readonly LogEntry[]> =>
    (await entries(world)).filter(({ kind }) => kind === 'evidence');

  const [first, second] = [await evidence(one), await evidence(two)];
  assert.deepEqual(
    first.slice(0, 3).map(({ digest }) => digest),
    second.slice(0, 3).map(({ digest }) => digest),
  );
  assert.equal(new Set([...first, ...second].map(({ by }) => by)).size, 8);
});

test('the audit misses who wrote it when that was removed', async () => {
  const world = await openWorld();
  await registerReady(world);
  const by = (await entries(world))[1]?.by ?? '';
  const { audit } = await import('../../src/audit.ts');
  const { recordLog } = await import('@proofmark/registry');
  const { store } = world;
  const without = withReads(store, {
    document: async (digest) => (digest === by ? null : store.document(digest)),
  });

  assert.deepEqual((await audit(without, recordLog(world.log))).findings, [
    { logIndex: 1, entryKind: 'evidence', digest: by, problem: 'missing' },
  ]);
});

test('marks, bases and collections say themselves who wrote them', async () => {
  const store = { document: async () => '{"actor":"gina"}' };

  for (const kind of ['mark', 'base', 'collection']) {
    assert.equal(await writerOf(store, { kind, digest: sha256Hex('x') }), 'gina');
  }
});

test('kinds that nobody writes, and documents that are gone or broken, have no writer', async () => {
  const digest = sha256Hex('x');
  const store = (text: string | null) => ({ document: async () => text });

  assert.equal(await writerOf(store('{"actor":"eve"}'), { kind: 'receipt-batch', digest }), null);
  for (const kind of ['version', 'access', 'promotion', 'evidence']) {
    for (const text of [null, '', '[]', '{}', '{"payload":"x"}', 'null']) {
      assert.equal(await writerOf(store(text), { kind, digest }), null, `${kind} ${text}`);
    }
  }
});
