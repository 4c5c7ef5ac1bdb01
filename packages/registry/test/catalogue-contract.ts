/**
 * The promises of `RegistryStore` about searches, marks, free aliases, lineage and collections.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sha256Hex } from '@proofmark/core';
import type { VersionFilter } from '@proofmark/registry';

import {
  VERSIONS,
  about,
  baseEntry,
  collectionEntry,
  markEntry,
  moveEntry,
  noticeEntry,
  recordEntry,
  revocationEntry,
  shown,
  versionEntry,
  withVersion,
  write,
} from './store-entries.ts';
import type { StoreFixture } from './store-entries.ts';
import { registryError } from './world.ts';

export function catalogueContract(make: () => StoreFixture): void {
  test('a batch is begun and settled whole, or not at all', async () => {
    const { store } = make();
    const [a, b] = [versionEntry('assistant', '1'), versionEntry('assistant', '2')];
    await store.begin([a]);

    await assert.rejects(store.begin([b, a]), registryError('REGISTRY_STORE_CORRUPT'));
    const begun = await store.pending();
    await assert.rejects(
      store.settle([
        { digest: a.digest, logIndex: 0 },
        { digest: b.digest, logIndex: 1 },
      ]),
      registryError('REGISTRY_STORE_CORRUPT'),
    );

    assert.deepEqual(begun, [a]);
    assert.deepEqual(await store.pending(), [a]);
    assert.equal(await store.version('assistant', '1'), null);
  });

  test('versions are found by text, digest, tag, label, base and state', async () => {
    const { store } = make();
    for (const [i, [name, version]] of VERSIONS.entries()) {
      await write(store, versionEntry(name, version), i);
    }
    await write(store, markEntry('tag', 'reviewed', '', 1), 4);
    await write(store, markEntry('label', 'team', 'support', 1), 5);
    await write(store, baseEntry('acme/base', null), 6);
    await write(store, recordEntry('promotion', 1), 7);
    await write(store, revocationEntry('other'), 8);
    await write(store, { ...recordEntry('denial', 1), ...about('third') }, 9);
    const found = async (filter: Partial<VersionFilter>): Promise<readonly string[]> =>
      (await store.versions({ limit: 10, ...filter })).map((v) => `${v.name}@${v.version}`);

    assert.deepEqual(await found({ text: 'ASSIST' }), ['assistant@1.0.0']);
    assert.deepEqual(await found({ text: '@1.0' }), VERSIONS.map(shown).toReversed());
    assert.deepEqual(await found({ text: '%' }), []);
    assert.deepEqual(await found({ digestPrefix: sha256Hex('other').slice(0, 8) }), [
      'other@1.0.0',
    ]);
    assert.deepEqual(await found({ tag: 'reviewed' }), ['assistant@1.0.0']);
    assert.deepEqual(await found({ tag: 'team' }), []);
    assert.deepEqual(await found({ label: { key: 'team' } }), ['assistant@1.0.0']);
    assert.deepEqual(await found({ label: { key: 'team', value: 'sales' } }), []);
    assert.deepEqual(await found({ base: 'acme/base' }), ['assistant@1.0.0']);
    assert.deepEqual(await found({ state: 'serving' }), ['assistant@1.0.0']);
    assert.deepEqual(await found({ state: 'revoked' }), ['other@1.0.0']);
    assert.deepEqual(await found({ state: 'denied' }), ['third@1.0.0']);
    assert.deepEqual(await found({ state: 'registered' }), ['fourth@1.0.0']);
    assert.deepEqual(await found({ state: 'promoted' }), []);
    assert.equal(await store.isRevoked(sha256Hex('other')), true);
    assert.equal(await store.isRevoked(sha256Hex('assistant')), false);
  });

  test('a summary shows state, marks and aliases', async () => {
    const { store } = await withVersion(make());
    await write(store, recordEntry('promotion', 1), 1);
    await write(store, markEntry('tag', 'b', '', 1), 2);
    await write(store, markEntry('tag', 'a', '', 2), 3);
    await write(store, markEntry('label', 'team', 'x', 3), 4);
    await write(store, markEntry('label', 'team', 'support', 4), 5);
    await write(store, markEntry('tag', 'b', null, 5), 6);

    const rows = await store.versions({ limit: 10 });
    const [summary] = await store.summaries(rows);

    assert.deepEqual(summary, {
      ...rows[0],
      state: 'serving',
      marks: { tags: ['a'], labels: { team: 'support' } },
      aliases: await store.aliases(),
    });
    assert.deepEqual(await store.marks('assistant', '1.0.0'), summary?.marks);
    assert.deepEqual(await store.marks('nobody', '1'), { tags: [], labels: {} });
  });

  test('moves of an alias with and without a record are one history, in pages', async () => {
    const { store } = await withVersion(make());
    await write(store, moveEntry(1), 1);
    await write(store, recordEntry('promotion', 2, 'staging'), 2);
    await write(store, recordEntry('denial', 3, 'staging'), 3);
    await write(store, moveEntry(3), 4);

    const at = { environment: 'production', alias: 'staging' };
    const all = await store.aliasMoves({ ...at, limit: 10 });
    const page = await store.aliasMoves({ ...at, before: 4, limit: 1 });

    assert.deepEqual(
      all.map((m) => [m.action, m.generation, m.reason, m.logIndex]),
      [
        ['set', 3, 'for the testers', 4],
        ['promotion', 2, null, 2],
        ['set', 1, 'for the testers', 1],
      ],
    );
    assert.deepEqual(page, [all[1]]);
    assert.equal((await store.alias('production', 'staging'))?.generation, 3);
  });

  test('a move without a record for another generation is refused', async () => {
    const { store } = await withVersion(make());
    await write(store, moveEntry(1), 1);
    await store.begin([moveEntry(3)]);

    await assert.rejects(
      store.settle([{ digest: moveEntry(3).digest, logIndex: 2 }]),
      registryError('REGISTRY_ALIAS_MOVED'),
    );

    assert.equal((await store.alias('production', 'staging'))?.generation, 1);
  });

  test('bases are found from both ends, and what was touched since a time', async () => {
    const { store } = await withVersion(make());
    const base = baseEntry('base@1.0.0', sha256Hex('base'));
    await write(store, base, 1);
    await write(store, { ...recordEntry('denial', 1), ...about('assistant') }, 2);

    const [up] = await store.bases(sha256Hex('assistant'));
    const [down] = await store.derived(sha256Hex('base'));

    assert.deepEqual(up, down);
    assert.equal(up?.base, 'base@1.0.0');
    assert.deepEqual(await store.bases(sha256Hex('base')), []);
    assert.deepEqual([...(await store.touchedSince(1_700_000_000_000))], [sha256Hex('assistant')]);
    assert.deepEqual([...(await store.touchedSince(1_700_000_000_002))], []);
  });

  test('notices are listed newest first, as many as are asked for', async () => {
    const { store } = make();
    const entries = ['one', 'two', 'three'].map(noticeEntry);
    for (const [at, entry] of entries.entries()) await write(store, entry, at);

    assert.deepEqual(await store.notices('trust-revocation', 2), [
      { digest: entries[2]?.digest, logIndex: 2 },
      { digest: entries[1]?.digest, logIndex: 1 },
    ]);
  });

  test('collections are listed newest first', async () => {
    const { store } = make();
    await write(store, collectionEntry('one'), 0);
    await write(store, collectionEntry('two'), 1);

    const rows = await store.collections();

    assert.deepEqual(
      rows.map((row) => [row.planDigest, row.logIndex]),
      [
        [sha256Hex('two'), 1],
        [sha256Hex('one'), 0],
      ],
    );
  });
}
