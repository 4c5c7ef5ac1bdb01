/**
 * Proofs from tiles: works out which nodes a proof needs, reads their tiles, hashes them.
 *
 * The result is only as good as the tiles. Whoever hands a proof out verifies it first; whoever
 * receives one verifies it anyway.
 *
 * @module
 */
import { EMPTY_ROOT } from './merkle/hash.ts';
import {
  completeSubtrees,
  consistencyElements,
  foldSubtrees,
  inclusionElements,
} from './merkle/proof.ts';
import type { NodeId, ProofElement } from './merkle/proof.ts';
import type { TileHashes } from './merkle/tree.ts';
import type { TileId } from './tile.ts';
import { nodeFromTile, tileOfNode, tilePath } from './tile.ts';

/** Gives the hashes of a tile. @throws {TlogError} TLOG_TILE_MISSING, TLOG_TILE_CORRUPT */
export type TileSource = (id: TileId) => Promise<TileHashes>;

/** The hash of leaf `index`, from its tile. */
export async function leafFromTiles(
  tiles: TileSource,
  index: number,
  size: number,
): Promise<Uint8Array> {
  const node = { level: 0, index };
  return nodeFromTile(node, await tiles(tileOfNode(node, size)));
}

/** The inclusion proof of entry `index` in the tree of `size`. @throws TLOG_RANGE_INVALID */
export function proveInclusion(
  tiles: TileSource,
  index: number,
  size: number,
): Promise<readonly Uint8Array[]> {
  return hashElements(tiles, inclusionElements(index, size), size);
}

/** The consistency proof from `oldSize` to `size`. @throws TLOG_RANGE_INVALID */
export function proveConsistency(
  tiles: TileSource,
  oldSize: number,
  size: number,
): Promise<readonly Uint8Array[]> {
  return hashElements(tiles, consistencyElements(oldSize, size), size);
}

/** The root of the first `oldSize` entries of a tree of `size`. */
export async function rootFromTiles(
  tiles: TileSource,
  oldSize: number,
  size: number,
): Promise<Uint8Array> {
  if (oldSize === 0) return EMPTY_ROOT;
  const [root] = await hashElements(tiles, [completeSubtrees(0, oldSize)], size);
  return root ?? EMPTY_ROOT;
}

/** Keeps the last `capacity` tiles that were read: a tile of a committed tree never changes. */
export function cachedTiles(source: TileSource, capacity: number): TileSource {
  const kept = new Map<string, TileHashes>();
  return async (id) => {
    const key = tilePath(id);
    const known = kept.get(key);
    // Re-inserted so that the first key of the map is the one unused for longest.
    kept.delete(key);
    const hashes = known ?? (await source(id));
    kept.set(key, hashes);
    const [oldest = key] = kept.keys();
    if (kept.size > capacity) kept.delete(oldest);
    return hashes;
  };
}

async function hashElements(
  tiles: TileSource,
  elements: readonly ProofElement[],
  size: number,
): Promise<readonly Uint8Array[]> {
  const loaded = new Map<string, TileHashes>();
  for (const node of elements.flat()) {
    const id = tileOfNode(node, size);
    const key = tilePath(id);
    if (!loaded.has(key)) loaded.set(key, await tiles(id));
  }
  return elements.map((element) =>
    foldSubtrees(
      element.map((node) => nodeOf(node, loaded.get(tilePath(tileOfNode(node, size))) ?? [])),
    ),
  );
}

/**
 * Nodes computed from a tile, kept as long as the tile is: the upper tiles are in every proof, and
 * hashing them again would be most of its cost.
 */
const computed = new WeakMap<TileHashes, Map<string, Uint8Array>>();

function nodeOf(node: NodeId, tile: TileHashes): Uint8Array {
  const nodes = computed.get(tile) ?? new Map<string, Uint8Array>();
  computed.set(tile, nodes);
  const key = `${node.level}/${node.index}`;
  const hash = nodes.get(key) ?? nodeFromTile(node, tile);
  nodes.set(key, hash);
  return hash;
}
