/**
 * The tree that a checkpoint commits to, in memory, and the files by which it grows.
 *
 * Loading checks the right edge: the partial tiles fold to the signed root, the last full tile of
 * every level hashes to its place in the level above, and the last entries hash to the last leaves.
 * That is what an append builds on. `monitorLog` checks all the rest.
 *
 * @module
 */
import { openCheckpoint } from './checkpoint.ts';
import { leafHash, sameHash } from './merkle/hash.ts';
import { TILE_WIDTH, extend, rootOf, subtreeRoot } from './merkle/tree.ts';
import type { RightEdge, TileHashes } from './merkle/tree.ts';
import type { NoteKey } from './note-key.ts';
import { readBundle, readTile } from './reader.ts';
import type { LogReader } from './reader.ts';
import type { StoredFile } from './storage.ts';
import {
  corrupt,
  edgeTiles,
  encodeBundle,
  encodeTile,
  partialFolder,
  tileInTree,
  tilePath,
} from './tile.ts';
import type { TileId } from './tile.ts';

/** A committed tree, and what the next append needs to know of it. */
export interface CommittedTree {
  /** The signed note, as committed. */
  readonly checkpoint: Uint8Array;
  readonly root: Uint8Array;
  readonly edge: RightEdge;
  /** The entries of the partial bundle, 0 to 255. */
  readonly bundle: readonly Uint8Array[];
}

/** How a tree grows by a batch: every file is beyond what is committed. */
export interface AppendPlan {
  readonly edge: RightEdge;
  readonly bundle: readonly Uint8Array[];
  readonly files: readonly StoredFile[];
  /** Folders of partial tiles that are full once the batch is committed. */
  readonly obsolete: readonly string[];
}

/**
 * Loads and checks the right edge of the tree that `checkpoint` commits to.
 *
 * @throws {TlogError} TLOG_TILE_MISSING, TLOG_TILE_CORRUPT, TLOG_READ_FAILED, and what
 *   `openCheckpoint` throws
 */
export async function loadTree(
  reader: LogReader,
  checkpoint: Uint8Array,
  key: NoteKey,
): Promise<CommittedTree> {
  const { size, root } = openCheckpoint(checkpoint, [key]);
  const tiles = edgeTiles(size);
  const levels: TileHashes[] = [];
  for (const id of tiles) levels.push(id === null ? [] : await readTile(reader, id));
  const edge: RightEdge = { size, levels };
  // The last is never null; only the empty tree, whose root is known, has none.
  const top = tiles.at(-1) ?? null;
  if (top !== null && !sameHash(rootOf(edge), root)) {
    throw corrupt(top, 'the partial tiles of the tree do not fold to the signed root');
  }
  for (let level = 0; level + 1 < levels.length; level += 1) {
    await checkLastFullTile(reader, level, size);
  }
  const bundle = await loadBundle(reader, size);
  return { checkpoint, root, edge, bundle };
}

/** Works out the files of a tree that grows by `entries`. Reads and writes nothing. */
export function planAppend(tree: CommittedTree, entries: readonly Uint8Array[]): AppendPlan {
  const { edge, changed } = extend(tree.edge, entries.map(leafHash));
  const files: StoredFile[] = changed.map(({ level, index, hashes }) => ({
    path: tilePath({ level, index, width: hashes.length }),
    bytes: encodeTile(hashes),
  }));
  const pending = [...tree.bundle, ...entries];
  const firstIndex = Math.floor(tree.edge.size / TILE_WIDTH);
  for (let at = 0; at < pending.length; at += TILE_WIDTH) {
    const bundle = pending.slice(at, at + TILE_WIDTH);
    const id: TileId = {
      level: 'entries',
      index: firstIndex + at / TILE_WIDTH,
      width: bundle.length,
    };
    files.push({ path: tilePath(id), bytes: encodeBundle(bundle) });
  }
  const bundle = pending.slice(pending.length - (pending.length % TILE_WIDTH));
  return { edge, bundle, files, obsolete: filledFolders(tree.edge.size, edge.size) };
}

/** The partial folders of `oldSize` whose tile is full in a tree of `size`. */
function filledFolders(oldSize: number, size: number): readonly string[] {
  const partials = edgeTiles(oldSize).filter((id) => id !== null);
  return partials
    .filter((id) => tileInTree(id.level, id.index, size).width === TILE_WIDTH)
    .flatMap((id) => {
      const entries: TileId = { ...id, level: 'entries' };
      return id.level === 0 ? [partialFolder(id), partialFolder(entries)] : [partialFolder(id)];
    });
}

async function checkLastFullTile(reader: LogReader, level: number, size: number): Promise<void> {
  const fullTiles = Math.floor(size / TILE_WIDTH ** (level + 1));
  const id: TileId = { level, index: fullTiles - 1, width: TILE_WIDTH };
  const parent = tileInTree(level + 1, Math.floor(id.index / TILE_WIDTH), size);
  const expected = (await readTile(reader, parent))[id.index % TILE_WIDTH];
  const hashes = await readTile(reader, id);
  if (expected === undefined || !sameHash(subtreeRoot(hashes), expected)) {
    throw corrupt(id, 'it does not hash to its place in the level above');
  }
  if (level === 0) checkEntries(id, await readBundle(reader, { ...id, level: 'entries' }), hashes);
}

async function loadBundle(reader: LogReader, size: number): Promise<readonly Uint8Array[]> {
  const width = size % TILE_WIDTH;
  if (width === 0) return [];
  const id: TileId = { level: 'entries', index: Math.floor(size / TILE_WIDTH), width };
  const entries = await readBundle(reader, id);
  checkEntries(id, entries, await readTile(reader, { ...id, level: 0 }));
  return entries;
}

/** Checks that a bundle's entries are the leaves of its tile. @throws {TlogError} TLOG_TILE_CORRUPT */
export function checkEntries(id: TileId, entries: readonly Uint8Array[], leaves: TileHashes): void {
  const wrong = entries.findIndex((entry, at) => {
    const leaf = leaves[at];
    return leaf === undefined || !sameHash(leafHash(entry), leaf);
  });
  if (wrong >= 0 || entries.length !== leaves.length) {
    throw corrupt(
      { ...id, level: 'entries' },
      `entry ${id.index * TILE_WIDTH + Math.max(wrong, 0)} is not the one in the tree`,
    );
  }
}
