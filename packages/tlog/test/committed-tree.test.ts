import assert from 'node:assert/strict';
import { test } from 'node:test';

import { signCheckpoint } from '../src/checkpoint.ts';
import { checkEntries, loadTree, planAppend } from '../src/committed-tree.ts';
import type { CommittedTree } from '../src/committed-tree.ts';
import { EMPTY_ROOT, leafHash } from '../src/merkle/hash.ts';
import { EMPTY_EDGE, rootOf } from '../src/merkle/tree.ts';
import type { LogReader } from '../src/reader.ts';
import { ORIGIN, flipBit, present, testEntries, testSigner, utf8, withCode } from './world.ts';
import { logKey } from './witness-world.ts';

/** Short and different, so that trees of three levels cost little. */
const manyEntries = Array.from({ length: 66_000 }, (_, at) => utf8(String(at)));

/** Files and the tree of a log that grew by these batches. */
async function grown(
  ...counts: readonly number[]
): Promise<{ files: Map<string, Uint8Array>; tree: CommittedTree }> {
  const files = new Map<string, Uint8Array>();
  let tree: CommittedTree = {
    checkpoint: new Uint8Array(0),
    root: EMPTY_ROOT,
    edge: EMPTY_EDGE,
    bundle: [],
  };
  for (const count of counts) {
    const plan = planAppend(tree, manyEntries.slice(tree.edge.size, tree.edge.size + count));
    for (const file of plan.files) files.set(file.path, file.bytes);
    const root = rootOf(plan.edge);
    const checkpoint = await signCheckpoint(
      { origin: ORIGIN, size: plan.edge.size, root },
      testSigner('log'),
    );
    tree = { checkpoint, root, edge: plan.edge, bundle: plan.bundle };
  }
  return { files, tree };
}

const readerOf = (files: ReadonlyMap<string, Uint8Array>): LogReader => ({
  read: (path) => Promise.resolve(files.get(path) ?? null),
});
const bytes = (list: readonly Uint8Array[]): Buffer[] => list.map((b) => Buffer.from(b));

test('a loaded tree is the tree that was written', async () => {
  for (const counts of [
    [1],
    [255],
    [256],
    [257],
    [200, 200, 200],
    [511, 1],
    [512],
    [513],
    [65_536, 1],
  ]) {
    const { files, tree } = await grown(...counts);

    const loaded = await loadTree(readerOf(files), tree.checkpoint, logKey);

    assert.equal(loaded.edge.size, tree.edge.size);
    assert.deepEqual(loaded.edge.levels.map(bytes), tree.edge.levels.map(bytes));
    assert.deepEqual(bytes(loaded.bundle), bytes(tree.bundle));
  }
});

test('a plan names the files of the batch, and the folders that it makes obsolete', async () => {
  const { tree } = await grown(200);
  const small = planAppend(tree, testEntries(10, 200));
  const large = planAppend(tree, testEntries(400, 200));

  assert.deepEqual(small.files.map((f) => f.path).toSorted(), [
    'tile/0/000.p/210',
    'tile/entries/000.p/210',
  ]);
  assert.deepEqual(small.obsolete, []);
  assert.deepEqual(large.files.map((f) => f.path).toSorted(), [
    'tile/0/000',
    'tile/0/001',
    'tile/0/002.p/88',
    'tile/1/000.p/2',
    'tile/entries/000',
    'tile/entries/001',
    'tile/entries/002.p/88',
  ]);
  assert.deepEqual(large.obsolete, ['tile/0/000.p', 'tile/entries/000.p']);
  assert.equal(large.bundle.length, 88);
});

test('a plan that fills the last bundle leaves none', async () => {
  const { tree } = await grown(200);

  const plan = planAppend(tree, testEntries(56, 200));

  assert.deepEqual(plan.bundle, []);
  assert.deepEqual(plan.obsolete, ['tile/0/000.p', 'tile/entries/000.p']);
});

test('a flipped bit or a missing file anywhere at the right edge is found', async () => {
  const { files, tree } = await grown(65_536 + 300);
  const edge = [
    'tile/0/256',
    'tile/entries/256',
    'tile/0/257.p/44',
    'tile/entries/257.p/44',
    'tile/1/000',
    'tile/1/001.p/1',
    'tile/2/000.p/1',
  ];

  for (const path of edge) {
    const good = present(files.get(path));
    files.set(path, flipBit(good, 100));
    await assert.rejects(
      loadTree(readerOf(files), tree.checkpoint, logKey),
      withCode('TLOG_TILE_CORRUPT'),
    );
    files.delete(path);
    await assert.rejects(
      loadTree(readerOf(files), tree.checkpoint, logKey),
      withCode('TLOG_TILE_MISSING'),
    );
    files.set(path, good);
  }
  await loadTree(readerOf(files), tree.checkpoint, logKey);
});

test('checkEntries() compares every entry with its leaf, and their number', () => {
  const entries = testEntries(4);
  const leaves = entries.map(leafHash);
  const id = { level: 0, index: 0, width: 4 };

  checkEntries(id, entries, leaves);
  for (let at = 0; at < 4; at += 1) {
    const changed = entries.with(at, new Uint8Array(1));
    assert.throws(
      () => checkEntries(id, changed, leaves),
      (error) => {
        assert.match(String(error), new RegExp(`entry ${at} `));
        return withCode('TLOG_TILE_CORRUPT')(error);
      },
    );
  }
  assert.throws(() => checkEntries(id, entries, leaves.slice(0, 3)), withCode('TLOG_TILE_CORRUPT'));
  assert.throws(() => checkEntries(id, entries.slice(0, 3), leaves), withCode('TLOG_TILE_CORRUPT'));
});

test('files of another history of the same size are not the committed tree', async () => {
  for (const size of [5, 256, 300]) {
    const { files } = await grown(size);
    const root = leafHash(utf8('another history'));
    const other = await signCheckpoint({ origin: ORIGIN, size, root }, testSigner('log'));

    await assert.rejects(
      loadTree(readerOf(files), other, logKey),
      withCode('TLOG_TILE_CORRUPT'),
      String(size),
    );
  }
});
