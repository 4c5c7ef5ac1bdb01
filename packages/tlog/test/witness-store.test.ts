import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';

import { sha256Hex } from '@proofmark/core';

import type { WitnessStore } from '../src/witness-store.ts';
import { folderWitnessStore, memoryWitnessStore } from '../src/witness-store.ts';
import { NO_DESCRIPTORS, openBelow, watchSyncs } from './syncs.ts';
import { testFolder, utf8, withCode } from './world.ts';

const text = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString();

/** Adds one to the number that is stored, `times` times. */
async function count(store: WitnessStore, origin: string, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    await store.update(origin, (latest) =>
      Promise.resolve({ checkpoint: utf8(String(Number(text(latest) ?? '0') + 1)), result: null }),
    );
  }
}

const kinds: readonly (readonly [string, (t: TestContext) => WitnessStore])[] = [
  ['memoryWitnessStore()', () => memoryWitnessStore()],
  ['folderWitnessStore()', (t) => folderWitnessStore(path.join(testFolder(t), 'new', 'store'))],
];

describe('the contract of a witness store', () => {
  for (const [name, make] of kinds) {
    test(`${name} keeps one checkpoint per log`, async (t) => {
      const store = make(t);

      await count(store, 'a', 3);
      await count(store, 'b', 1);

      assert.equal(text(await store.latest(sha256Hex('a'))), '3');
      assert.equal(text(await store.latest(sha256Hex('b'))), '1');
      assert.equal(await store.latest(sha256Hex('c')), null);
      assert.equal(await store.latest('../a'), null);
      assert.equal(await store.latest(`./${sha256Hex('a')}`), null);
    });

    test(`${name} leaves what a step leaves or fails to replace`, async (t) => {
      const store = make(t);
      await count(store, 'a', 1);

      const seen = await store.update('a', (latest) =>
        Promise.resolve({ checkpoint: null, result: text(latest) }),
      );
      await assert.rejects(
        store.update('a', () => Promise.reject(new Error('no'))),
        /no/,
      );

      assert.equal(seen, '1');
      assert.equal(text(await store.latest(sha256Hex('a'))), '1');
    });

    test(`${name} loses no concurrent update`, async (t) => {
      const store = make(t);

      await Promise.all(Array.from({ length: 4 }, () => count(store, 'a', 3)));

      assert.equal(text(await store.latest(sha256Hex('a'))), '12');
    });
  }
});

test('two stores over one folder, as two processes have them, lose no update', async (t) => {
  const folder = testFolder(t);
  const stores = [folderWitnessStore(folder), folderWitnessStore(folder)];

  await Promise.all(stores.map((store) => count(store, 'a', 8)));

  const again = folderWitnessStore(folder);
  assert.equal(text(await again.latest(sha256Hex('a'))), '16');
  const names = readdirSync(path.join(folder, sha256Hex('a')));
  assert.ok(names.length <= 3, names.join(' '));
  assert.ok(
    names.every((name) => /^[0-9]{16}$/.test(name)),
    names.join(' '),
  );
});

test('a step that is always overtaken gives up with a code', async (t) => {
  const folder = testFolder(t);
  const slow = folderWitnessStore(folder);
  const fast = folderWitnessStore(folder);

  const update = slow.update('a', async () => {
    await count(fast, 'a', 1);
    return { checkpoint: utf8('slow'), result: null };
  });

  await assert.rejects(update, withCode('TLOG_WITNESS_FAILED'));
  assert.equal(text(await fast.latest(sha256Hex('a'))), '16');
});

test('a number that was taken and tidied away is not taken again', async (t) => {
  const folder = testFolder(t);
  const slow = folderWitnessStore(folder);
  const fast = folderWitnessStore(folder);
  await count(fast, 'a', 1);
  let runs = 0;

  await slow.update('a', async (latest) => {
    runs += 1;
    if (runs === 1) await count(fast, 'a', 5);
    return { checkpoint: utf8(String(Number(text(latest)) + 100)), result: null };
  });

  assert.equal(runs, 2);
  assert.equal(text(await fast.latest(sha256Hex('a'))), '106');
});

test('what is cosigned survives a loss of power', { skip: NO_DESCRIPTORS }, async (t) => {
  const top = testFolder(t);
  const log = path.join('new', 'store', sha256Hex('a'));
  const store = folderWitnessStore(path.join(top, 'new', 'store'));
  const synced = await watchSyncs(t);
  const take = (): string[] =>
    synced.splice(0).map((file) => path.relative(top, file).replace(/[^/]+\.tmp$/, 'record'));

  await count(store, 'a', 1);
  const first = take();
  await count(store, 'a', 1);

  // The new folders by their names, the record, and its name.
  assert.deepEqual(first, ['new/store', 'new', '', `${log}/record`, log]);
  assert.deepEqual(take(), [`${log}/record`, log]);
  assert.equal(openBelow(top), 0);
});

test('only the record and the one before it are kept, and nobody else may look', async (t) => {
  const folder = testFolder(t);

  await count(folderWitnessStore(folder), 'a', 5);

  assert.equal(statSync(path.join(folder, sha256Hex('a'))).mode & 0o077, 0);

  const names = readdirSync(path.join(folder, sha256Hex('a')));
  assert.deepEqual(
    names.map(Number).toSorted((a, b) => a - b),
    [4, 5],
  );
});

test('a record that cannot be read is never taken for none', async (t) => {
  const folder = testFolder(t);
  const store = folderWitnessStore(folder);
  const recordOf = (origin: string): string => {
    mkdirSync(path.join(folder, sha256Hex(origin)));
    return path.join(folder, sha256Hex(origin), '0000000000000001');
  };
  mkdirSync(recordOf('a'));
  symlinkSync('nowhere', recordOf('b'));
  const step = (): Promise<never> => assert.fail('nothing may be cosigned');

  await assert.rejects(store.update('a', step), { code: 'EISDIR' });
  await assert.rejects(store.update('b', step), withCode('TLOG_WITNESS_FAILED'));
  await assert.rejects(store.latest(sha256Hex('a')), { code: 'EISDIR' });
});

test('a store that is not a folder answers for no log', async (t) => {
  const folder = testFolder(t);
  symlinkSync('/dev/null', path.join(folder, sha256Hex('a')));

  await assert.rejects(folderWitnessStore(folder).latest(sha256Hex('a')), { code: 'ENOTDIR' });
});

test(
  'a disk that is full at any write loses no record and leaves nothing behind',
  {
    skip: NO_DESCRIPTORS,
  },
  async (t) => {
    const folder = testFolder(t);
    const store = folderWitnessStore(folder);
    const own = path.join(folder, sha256Hex('a'));
    await count(store, 'a', 1);
    let full: ((file: string) => boolean) | null = null;
    await watchSyncs(t, (file) => {
      if (full?.(file) === true) throw new Error('ENOSPC: no space left on device');
    });

    full = (file) => file.endsWith('.tmp');
    await assert.rejects(count(store, 'a', 1), /ENOSPC/);
    assert.equal(text(await store.latest(sha256Hex('a'))), '1', 'nothing was recorded');
    assert.deepEqual(readdirSync(own), ['0000000000000001']);

    // The record has its name, and perhaps only until the power fails: it is not acknowledged.
    full = (file) => file === own;
    await assert.rejects(count(store, 'a', 1), /ENOSPC/);
    assert.equal(text(await store.latest(sha256Hex('a'))), '2', 'a witness never goes back');

    full = null;
    await count(store, 'a', 1);
    assert.equal(text(await store.latest(sha256Hex('a'))), '3');
    assert.equal(openBelow(folder), 0);
  },
);
