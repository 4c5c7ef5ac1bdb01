import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { MAX_ENTRY_BYTES } from '../src/entry.ts';
import { leafHash, sameHash } from '../src/merkle/hash.ts';
import {
  MAX_BUNDLE_BYTES,
  decodeBundle,
  decodeTile,
  edgeTiles,
  encodeBundle,
  encodeTile,
  nodeFromTile,
  parseTilePath,
  partialFolder,
  tileInTree,
  tileOfNode,
  tilePath,
} from '../src/tile.ts';
import type { TileId } from '../src/tile.ts';
import { definitionRoot, hex, present, readVectors, testEntries, withCode } from './world.ts';

const vectors = readVectors('tile-paths') as {
  readonly valid: readonly (TileId & { readonly path: string })[];
  readonly invalid: readonly string[];
};
const tile = (width: number): TileId => ({ level: 'entries', index: 0, width });

describe('paths on vectors/tlog/tile-paths.json', () => {
  for (const { path, ...id } of vectors.valid) {
    test(`${path} is written and read`, () => {
      assert.equal(tilePath(id), path);
      assert.deepEqual(parseTilePath(path), id);
    });
  }

  for (const path of vectors.invalid) {
    test(`${JSON.stringify(path)} is no tile`, () => {
      assert.equal(parseTilePath(path), null);
    });
  }
});

test('a tile path is read back as the tile it names', () => {
  const anyTile = fc.record({
    level: fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 63 })),
    index: fc.oneof(fc.nat(2000), fc.maxSafeNat()),
    width: fc.integer({ min: 1, max: 256 }),
  });
  fc.assert(
    fc.property(anyTile, (id) => {
      assert.deepEqual(parseTilePath(tilePath(id)), { ...id });
    }),
  );
});

test('the folder of partial tiles stands beside the full tile', () => {
  assert.equal(partialFolder({ level: 0, index: 1234, width: 7 }), 'tile/0/x001/234.p');
});

test('tileInTree() gives the width that the tree has', () => {
  assert.deepEqual(tileInTree(0, 0, 1), { level: 0, index: 0, width: 1 });
  assert.deepEqual(tileInTree(0, 273, 70_000), { level: 0, index: 273, width: 112 });
  assert.deepEqual(tileInTree('entries', 273, 70_000), {
    level: 'entries',
    index: 273,
    width: 112,
  });
  assert.deepEqual(tileInTree(0, 272, 70_000), { level: 0, index: 272, width: 256 });
  assert.deepEqual(tileInTree(1, 1, 70_000), { level: 1, index: 1, width: 17 });
  assert.deepEqual(tileInTree(2, 0, 70_000), { level: 2, index: 0, width: 1 });
  for (const [level, index, size] of [
    [0, 0, 0],
    [0, 274, 70_000],
    [1, 2, 70_000],
    [3, 0, 70_000],
    [0, -1, 10],
    [1, 0, 255],
  ] as const) {
    assert.throws(() => tileInTree(level, index, size), withCode('TLOG_RANGE_INVALID'));
  }
});

test('edgeTiles() are the partial tiles of a tree', () => {
  assert.deepEqual(edgeTiles(0), []);
  assert.deepEqual(edgeTiles(256), [null, { level: 1, index: 0, width: 1 }]);
  assert.deepEqual(edgeTiles(70_000), [
    { level: 0, index: 273, width: 112 },
    { level: 1, index: 1, width: 17 },
    { level: 2, index: 0, width: 1 },
  ]);
});

test('a node comes from the tile that spans it', () => {
  const entries = testEntries(300);
  const leaves = entries.map(leafHash);

  assert.deepEqual(tileOfNode({ level: 0, index: 299 }, 300), { level: 0, index: 1, width: 44 });
  assert.deepEqual(tileOfNode({ level: 7, index: 1 }, 300), { level: 0, index: 0, width: 256 });
  assert.deepEqual(tileOfNode({ level: 8, index: 0 }, 300), { level: 1, index: 0, width: 1 });
  const second = nodeFromTile({ level: 7, index: 1 }, leaves.slice(0, 256));
  assert.ok(sameHash(second, definitionRoot(entries.slice(128, 256))));
  const pair = nodeFromTile({ level: 1, index: 129 }, leaves.slice(256));
  assert.ok(sameHash(pair, definitionRoot(entries.slice(258, 260))));
  assert.throws(
    () => nodeFromTile({ level: 3, index: 37 }, leaves.slice(256)),
    withCode('TLOG_RANGE_INVALID'),
  );
});

test('a tile is its hashes and nothing more', () => {
  const hashes = testEntries(3).map(leafHash);
  const bytes = encodeTile(hashes);
  const id: TileId = { level: 0, index: 0, width: 3 };

  assert.equal(bytes.length, 96);
  assert.deepEqual(
    decodeTile(bytes, id).map((h) => Buffer.from(h)),
    hashes.map((h) => Buffer.from(h)),
  );
  for (const wrong of [
    bytes.subarray(1),
    bytes.subarray(0, 64),
    Buffer.concat([bytes, hex('00')]),
  ]) {
    assert.throws(() => decodeTile(wrong, id), withCode('TLOG_TILE_CORRUPT'));
  }
});

test('a bundle gives each length in 16 bits, big-endian', () => {
  const long = new Uint8Array(258).fill(7);

  const bytes = encodeBundle([hex('aa'), new Uint8Array(0), long]);

  assert.equal(Buffer.from(bytes.subarray(0, 7)).toString('hex'), '0001aa00000102');
  assert.deepEqual(
    decodeBundle(bytes, tile(3)).map((e) => e.length),
    [1, 0, 258],
  );
});

test('bundles come back as they were', () => {
  const anyEntries = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(anyEntries, (entries) => {
      const decoded = decodeBundle(encodeBundle(entries), tile(entries.length));

      assert.deepEqual(
        decoded.map((e) => Uint8Array.from(e)),
        entries,
      );
    }),
  );
});

test('an entry may have 65,535 bytes and not one more', () => {
  const largest = new Uint8Array(MAX_ENTRY_BYTES);

  const decoded = decodeBundle(encodeBundle([largest]), tile(1));

  assert.equal(present(decoded[0]).length, MAX_ENTRY_BYTES);
  assert.equal(MAX_BUNDLE_BYTES, 256 * 65_537);
  assert.throws(
    () => encodeBundle([new Uint8Array(MAX_ENTRY_BYTES + 1)]),
    withCode('TLOG_ENTRY_INVALID'),
  );
});

test('a bundle that was cut, or holds more or fewer entries, is corrupt', () => {
  const bytes = encodeBundle([hex('aabb'), hex('cc')]);

  for (let length = 0; length < bytes.length; length += 1) {
    assert.throws(
      () => decodeBundle(bytes.subarray(0, length), tile(2)),
      withCode('TLOG_TILE_CORRUPT'),
    );
  }
  assert.throws(() => decodeBundle(bytes, tile(1)), withCode('TLOG_TILE_CORRUPT'));
  assert.throws(() => decodeBundle(bytes, tile(3)), withCode('TLOG_TILE_CORRUPT'));
});
