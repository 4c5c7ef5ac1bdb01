import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { leafHash, sameHash } from '../../src/merkle/hash.ts';
import { EMPTY_EDGE, extend, partialWidths, rootOf, subtreeRoot } from '../../src/merkle/tree.ts';
import { definitionRoot, present, testEntries, withCode } from '../world.ts';

const entries = testEntries(2000);
const leaves = entries.map(leafHash);

test('the root is that of RFC 6962 for every size up to 600', () => {
  let edge = EMPTY_EDGE;
  assert.ok(sameHash(rootOf(edge), definitionRoot([])));
  for (let size = 1; size <= 600; size += 1) {
    edge = extend(edge, [present(leaves[size - 1])]).edge;
    if (size < 70 || size % 37 === 0 || Math.abs((size % 256) - 1) <= 1) {
      assert.ok(sameHash(rootOf(edge), definitionRoot(entries.slice(0, size))), String(size));
    }
  }
});

test('a tree does not depend on how its entries were cut into batches', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 6 }), (batches) => {
      let edge = EMPTY_EDGE;
      for (const count of batches)
        edge = extend(edge, leaves.slice(edge.size, edge.size + count)).edge;

      assert.deepEqual(edge, extend(EMPTY_EDGE, leaves.slice(0, edge.size)).edge);
    }),
    { numRuns: 40 },
  );
});

test('extend() leaves the edge that it was given as it is', () => {
  const edge = extend(EMPTY_EDGE, leaves.slice(0, 255)).edge;
  const root = rootOf(edge);

  extend(edge, leaves.slice(255, 600));

  assert.equal(edge.size, 255);
  assert.ok(sameHash(rootOf(edge), root));
});

test('extend() names the tiles that changed, and no others', () => {
  const named = (from: number, to: number): string[] =>
    extend(extend(EMPTY_EDGE, leaves.slice(0, from)).edge, leaves.slice(from, to)).changed.map(
      (tile) => `${tile.level}/${tile.index}:${tile.hashes.length}`,
    );

  assert.deepEqual(named(0, 0), []);
  assert.deepEqual(named(5, 5), []);
  assert.deepEqual(named(0, 1), ['0/0:1']);
  assert.deepEqual(named(1, 255), ['0/0:255']);
  assert.deepEqual(named(255, 256), ['0/0:256', '1/0:1']);
  assert.deepEqual(named(256, 257), ['0/1:1']);
  assert.deepEqual(named(255, 257), ['0/0:256', '0/1:1', '1/0:1']);
  assert.deepEqual(named(100, 800), ['0/0:256', '0/1:256', '0/2:256', '0/3:32', '1/0:3']);
  assert.deepEqual(named(512, 512), []);
});

test('levels grow at 256 and 65,536 entries', () => {
  const many = Array.from({ length: 65_537 }, () => present(leaves[0]));

  const full = extend(EMPTY_EDGE, many.slice(1));
  const more = extend(full.edge, many.slice(0, 1));

  assert.deepEqual(
    full.edge.levels.map((level) => level.length),
    [0, 0, 1],
  );
  assert.deepEqual(
    full.changed.slice(-2).map((tile) => [tile.level, tile.index, tile.hashes.length]),
    [
      [1, 0, 256],
      [2, 0, 1],
    ],
  );
  assert.deepEqual(
    more.edge.levels.map((level) => level.length),
    [1, 0, 1],
  );
  assert.deepEqual(
    more.changed.map((tile) => [tile.level, tile.index]),
    [[0, 256]],
  );
});

test('partialWidths() are the digits of the size in base 256', () => {
  assert.deepEqual(partialWidths(0), []);
  assert.deepEqual(partialWidths(1), [1]);
  assert.deepEqual(partialWidths(255), [255]);
  assert.deepEqual(partialWidths(256), [0, 1]);
  assert.deepEqual(partialWidths(70_000), [112, 17, 1]);
  assert.deepEqual(partialWidths(Number.MAX_SAFE_INTEGER), [255, 255, 255, 255, 255, 255, 31]);
});

test('subtreeRoot() takes complete subtrees only', () => {
  assert.ok(sameHash(subtreeRoot(leaves.slice(0, 1)), present(leaves[0])));
  assert.ok(sameHash(subtreeRoot(leaves.slice(0, 256)), definitionRoot(entries.slice(0, 256))));
  for (const count of [0, 3, 5, 6, 255]) {
    assert.throws(() => subtreeRoot(leaves.slice(0, count)), withCode('TLOG_RANGE_INVALID'));
  }
});
