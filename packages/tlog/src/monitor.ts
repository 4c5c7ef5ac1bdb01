/**
 * The monitor: reads a whole log as an outsider and recomputes everything.
 *
 * Every entry is hashed, every full tile and every partial tile of the checkpoint is compared with
 * the recomputed one, the root with the signed one, and, given a checkpoint seen earlier, the tree
 * of that size with its root. So an entry that was removed, changed, added in the middle or hidden
 * from one reader is found. What no checkpoint covers is not looked at.
 *
 * @module
 */
import { sha256Hex } from '@proofmark/core';

import type { Checkpoint } from './checkpoint.ts';
import { logNoteKey } from './checkpoint.ts';
import { checkEntries } from './committed-tree.ts';
import { TlogError } from './errors.ts';
import { leafHash, sameHash } from './merkle/hash.ts';
import { EMPTY_EDGE, TILE_WIDTH, extend, rootOf } from './merkle/tree.ts';
import type { ChangedTile, RightEdge } from './merkle/tree.ts';
import { singleLogPolicy, trustCheckpoint } from './policy.ts';
import type { TlogPolicy } from './policy.ts';
import { readBundle, readCheckpoint, readTile } from './reader.ts';
import type { LogReader } from './reader.ts';
import { corrupt, edgeTiles, tileInTree } from './tile.ts';
import type { TileId } from './tile.ts';
import type { LogTrust } from './tlog-proof.ts';

export interface MonitorOptions {
  readonly reader: LogReader;
  readonly trust: TlogPolicy | LogTrust;
  /** A signed note of this log seen earlier; the log must still begin with its tree. */
  readonly previous?: Uint8Array;
  /** Called after each bundle with the number of entries checked and the size of the log. */
  readonly onProgress?: (checked: number, size: number) => void;
  /** Called for every entry that was checked, in order; what a searching monitor looks at. */
  readonly onEntry?: (entry: Uint8Array, index: number) => void;
}

/** What the monitor found. `error` means that it could not look: nothing is proven then. */
export type MonitorReport =
  | {
      readonly outcome: 'pass';
      readonly origin: string;
      readonly size: number;
      /** Lowercase hex. */
      readonly root: string;
      /** SHA-256 of the signed note, lowercase hex. */
      readonly checkpointDigest: string;
      /** The signed note: keep it, and give it as `previous` next time. */
      readonly checkpoint: Uint8Array;
    }
  | {
      readonly outcome: 'fail' | 'error';
      /** Entries that were found right before the first problem. */
      readonly checked: number;
      readonly problem: TlogError;
    };

/** Problems of looking, not of the log. */
const COULD_NOT_LOOK: ReadonlySet<string> = new Set(['TLOG_READ_FAILED', 'TLOG_KEY_INVALID']);

/** Checks a whole log. Failures of the log or of reading it are in the report, never thrown. */
export async function monitorLog(options: MonitorOptions): Promise<MonitorReport> {
  const progress = { checked: 0 };
  try {
    const policy = asPolicy(options.trust);
    const bytes = await readCheckpoint(options.reader);
    const { checkpoint } = trustCheckpoint(bytes, policy);
    const previous =
      options.previous === undefined ? null : trustCheckpoint(options.previous, policy).checkpoint;
    checkGrowth(previous, checkpoint);
    const edge = await replay(options, checkpoint, previous, progress);
    if (!sameHash(rootOf(edge), checkpoint.root)) {
      throw inconsistent('the entries do not hash to the signed root');
    }
    return {
      outcome: 'pass',
      origin: checkpoint.origin,
      size: checkpoint.size,
      root: Buffer.from(checkpoint.root).toString('hex'),
      checkpointDigest: sha256Hex(bytes),
      checkpoint: bytes,
    };
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    const outcome = COULD_NOT_LOOK.has(error.code) ? 'error' : 'fail';
    return { outcome, checked: progress.checked, problem: error };
  }
}

function checkGrowth(previous: Checkpoint | null, checkpoint: Checkpoint): void {
  if (previous === null) return;
  if (previous.origin !== checkpoint.origin) {
    throw inconsistent('the earlier checkpoint is one of another log');
  }
  if (previous.size > checkpoint.size) {
    throw inconsistent(`the log had ${previous.size} entries and now has ${checkpoint.size}`);
  }
  checkPrefix(previous, EMPTY_EDGE);
}

/** Recomputes the tree, bundle by bundle, and compares each tile as it fills. */
async function replay(
  options: MonitorOptions,
  checkpoint: Checkpoint,
  previous: Checkpoint | null,
  progress: { checked: number },
): Promise<RightEdge> {
  const { reader } = options;
  const { size } = checkpoint;
  let edge: RightEdge = EMPTY_EDGE;
  for (let index = 0; edge.size < size; index += 1) {
    const id = tileInTree('entries', index, size);
    const entries = await readBundle(reader, id);
    checkEntries(id, entries, await readTile(reader, { ...id, level: 0 }));
    const leaves = entries.map(leafHash);
    if (previous !== null && previous.size > edge.size) {
      checkPrefix(previous, extend(edge, leaves.slice(0, previous.size - edge.size)).edge);
    }
    const grown = extend(edge, leaves);
    for (const tile of grown.changed.filter(isFullUpperTile)) {
      await checkTile(reader, { ...tile, width: TILE_WIDTH }, tile.hashes);
    }
    edge = grown.edge;
    for (const [at, entry] of entries.entries()) options.onEntry?.(entry, index * TILE_WIDTH + at);
    progress.checked = edge.size;
    options.onProgress?.(edge.size, size);
  }
  for (const [level, id] of edgeTiles(size).entries()) {
    if (id !== null && level > 0) await checkTile(reader, id, edge.levels[level] ?? []);
  }
  return edge;
}

function isFullUpperTile(tile: ChangedTile): boolean {
  return tile.level > 0 && tile.hashes.length === TILE_WIDTH;
}

async function checkTile(
  reader: LogReader,
  id: TileId,
  expected: readonly Uint8Array[],
): Promise<void> {
  const hashes = await readTile(reader, id);
  const wrong = expected.findIndex((hash, at) => !sameHash(hash, hashes[at] ?? new Uint8Array(0)));
  if (wrong !== -1) throw corrupt(id, `hash ${wrong} is not the one of the tile below`);
}

/** Compares once the replay has reached the earlier size. */
function checkPrefix(previous: Checkpoint, edge: RightEdge): void {
  if (edge.size === previous.size && !sameHash(rootOf(edge), previous.root)) {
    throw inconsistent(
      `the first ${previous.size} entries are not those of the earlier checkpoint`,
    );
  }
}

function asPolicy(trust: TlogPolicy | LogTrust): TlogPolicy {
  return 'logKey' in trust ? singleLogPolicy(logNoteKey(trust.origin, trust.logKey)) : trust;
}

function inconsistent(why: string): TlogError {
  return new TlogError(
    'TLOG_FORKED',
    `cannot believe the log: ${why}; keep both checkpoints as evidence and tell its operator`,
  );
}
