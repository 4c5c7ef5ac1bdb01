/**
 * The right edge of the tree: all that is needed to append and to know the root.
 *
 * It is kept tile by tile, as C2SP tlog-tiles stores the tree: level 0 holds the hashes of the last
 * 0 to 255 leaves, level 1 the roots of the last 0 to 255 full tiles of level 0, and so on. A value
 * is never changed: `extend` returns a new one, so an append that is not committed leaves no trace.
 * Pure.
 *
 * @module
 */
import { TlogError } from '../errors.ts';
import { EMPTY_ROOT, nodeHash } from './hash.ts';
import { foldSubtrees } from './proof.ts';

/** Hashes in a full tile: a subtree of height 8. */
export const TILE_WIDTH = 256;

/** Hashes of one tile, left to right. */
export type TileHashes = readonly Uint8Array[];

export interface RightEdge {
  readonly size: number;
  /** By tile level, the hashes of the partial tile of that level; the last level is not empty. */
  readonly levels: readonly TileHashes[];
}

/** A tile that an extension filled or widened. */
export interface ChangedTile {
  readonly level: number;
  readonly index: number;
  readonly hashes: TileHashes;
}

export const EMPTY_EDGE: RightEdge = Object.freeze({ size: 0, levels: [] });

/** Widths of the partial tiles of a tree, by level; the last is not 0. */
export function partialWidths(size: number): readonly number[] {
  const widths: number[] = [];
  for (let rest = size; rest > 0; rest = Math.floor(rest / TILE_WIDTH)) {
    widths.push(rest % TILE_WIDTH);
  }
  return widths;
}

/**
 * Appends leaf hashes.
 *
 * `changed` holds every tile whose content is new, each once, full ones before the partial one of
 * the same level.
 */
export function extend(
  edge: RightEdge,
  leaves: readonly Uint8Array[],
): { readonly edge: RightEdge; readonly changed: readonly ChangedTile[] } {
  const changed: ChangedTile[] = [];
  const levels: TileHashes[] = [];
  let incoming: readonly Uint8Array[] = leaves;
  let known = edge.size;
  for (let level = 0; known > 0 || incoming.length > 0; level += 1) {
    const hashes = [...(edge.levels[level] ?? []), ...incoming];
    const firstIndex = Math.floor(known / TILE_WIDTH);
    const full: Uint8Array[] = [];
    for (let at = 0; at + TILE_WIDTH <= hashes.length; at += TILE_WIDTH) {
      const tile = hashes.slice(at, at + TILE_WIDTH);
      changed.push({ level, index: firstIndex + full.length, hashes: tile });
      full.push(subtreeRoot(tile));
    }
    const partial = hashes.slice(full.length * TILE_WIDTH);
    if (partial.length > 0 && incoming.length > 0) {
      changed.push({ level, index: firstIndex + full.length, hashes: partial });
    }
    levels.push(partial);
    known = firstIndex;
    incoming = full;
  }
  return { edge: { size: edge.size + leaves.length, levels }, changed };
}

/** The root of the whole tree. */
export function rootOf(edge: RightEdge): Uint8Array {
  const subtrees = edge.levels.toReversed().flatMap(completeRoots);
  return subtrees.length === 0 ? EMPTY_ROOT : foldSubtrees(subtrees);
}

/** The root over 1, 2, 4, ... 256 hashes: one complete subtree. */
export function subtreeRoot(hashes: TileHashes): Uint8Array {
  let row = hashes;
  while (row.length > 1) {
    const above: Uint8Array[] = [];
    for (let at = 0; at < row.length; at += 2) {
      const [left, right] = [row[at], row[at + 1]];
      if (left === undefined || right === undefined) throw incomplete(hashes.length);
      above.push(nodeHash(left, right));
    }
    row = above;
  }
  const [root] = row;
  if (root === undefined) throw incomplete(hashes.length);
  return root;
}

/** The roots of the complete subtrees in a partial tile, left to right. */
function completeRoots(hashes: TileHashes): readonly Uint8Array[] {
  const roots: Uint8Array[] = [];
  let at = 0;
  for (let width = TILE_WIDTH / 2; width >= 1; width /= 2) {
    if (hashes.length - at >= width) {
      roots.push(subtreeRoot(hashes.slice(at, at + width)));
      at += width;
    }
  }
  return roots;
}

function incomplete(count: number): TlogError {
  return new TlogError(
    'TLOG_RANGE_INVALID',
    `cannot hash a subtree of ${count} nodes: a complete subtree has 1, 2, 4, ... 256`,
  );
}
