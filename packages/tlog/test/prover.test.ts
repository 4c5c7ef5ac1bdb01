import assert from 'node:assert/strict';
import { test } from 'node:test';

import { leafHash, sameHash } from '../src/merkle/hash.ts';
import { verifyConsistency, verifyInclusion } from '../src/merkle/proof.ts';
import { EMPTY_EDGE, extend } from '../src/merkle/tree.ts';
import type { TileHashes } from '../src/merkle/tree.ts';
import {
  cachedTiles,
  leafFromTiles,
  proveConsistency,
  proveInclusion,
  rootFromTiles,
} from '../src/prover.ts';
import type { TileSource } from '../src/prover.ts';
import { tilePath } from '../src/tile.ts';
import { definitionRoot, present, testEntries } from './world.ts';

const entries = testEntries(700);
const leaves = entries.map(leafHash);

/** All tiles that a log of these sizes ever had, and a count of reads. */
function tilesOf(sizes: readonly number[]): { tiles: TileSource; reads: string[] } {
  const stored = new Map<string, TileHashes>();
  const reads: string[] = [];
  let edge = EMPTY_EDGE;
  for (const size of sizes) {
    const grown = extend(edge, leaves.slice(edge.size, size));
    for (const { level, index, hashes } of grown.changed) {
      stored.set(tilePath({ level, index, width: hashes.length }), hashes);
    }
    edge = grown.edge;
  }
  return {
    tiles: (id) => {
      reads.push(tilePath(id));
      return Promise.resolve(present(stored.get(tilePath(id))));
    },
    reads,
  };
}

test('inclusion proofs from tiles verify across tile boundaries', async () => {
  for (const size of [1, 2, 255, 256, 257, 511, 512, 513, 700]) {
    const { tiles } = tilesOf([size]);
    const root = definitionRoot(entries.slice(0, size));
    for (const index of [0, 1, 127, 254, 255, 256, 257, 511, 512, 699].filter((i) => i < size)) {
      const proof = await proveInclusion(tiles, index, size);
      const leaf = await leafFromTiles(tiles, index, size);

      assert.ok(sameHash(leaf, present(leaves[index])));
      verifyInclusion({ index, size, leafHash: leaf, proof, root });
    }
  }
});

test('consistency proofs and old roots from tiles are right across tile boundaries', async () => {
  const { tiles } = tilesOf([700]);
  const root = definitionRoot(entries);
  for (const oldSize of [0, 1, 2, 255, 256, 257, 500, 511, 512, 513, 699, 700]) {
    const oldRoot = await rootFromTiles(tiles, oldSize, 700);
    const proof = await proveConsistency(tiles, oldSize, 700);

    assert.ok(sameHash(oldRoot, definitionRoot(entries.slice(0, oldSize))));
    verifyConsistency({ oldSize, oldRoot, size: 700, root, proof });
  }
});

test('a proof reads each tile once', async () => {
  const { tiles, reads } = tilesOf([700]);

  await proveInclusion(tiles, 300, 700);

  assert.deepEqual(reads.toSorted(), [...new Set(reads)].toSorted());
  assert.ok(reads.length <= 3);
});

test('the cache keeps what was used last', async () => {
  const { tiles, reads } = tilesOf([700]);
  const cached = cachedTiles(tiles, 2);
  const tile = (index: number): Promise<TileHashes> => cached({ level: 0, index, width: 256 });

  await tile(0);
  await tile(1);
  await tile(0);
  await cached({ level: 0, index: 2, width: 188 });
  await tile(0);
  assert.deepEqual(reads, ['tile/0/000', 'tile/0/001', 'tile/0/002.p/188']);

  await tile(1);
  assert.equal(reads.at(-1), 'tile/0/001');
});
