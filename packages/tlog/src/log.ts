/**
 * The sequencer: gives entries their place in the log, for good.
 *
 * What it promises:
 * - `append` fulfils only when the entries are durable and the signed checkpoint that covers them is
 *   committed. Publication of the `checkpoint` file follows.
 * - It signs a tree only as an extension of the committed one, which it has checked against its
 *   files, and never one smaller than or inconsistent with any it has seen committed.
 * - Tiles go to disk before the commit. A crash in between leaves files beyond the committed size,
 *   which the next append overwrites; files within it are never written again.
 * - One `transact` per batch; concurrent `append` calls in one process share a batch.
 *
 * It does not look into entries, remove duplicates or order calls of different processes.
 *
 * @module
 */
import type { Clock, Signer } from '@proofmark/core';

import { AppendQueue } from './append-queue.ts';
import type { Appended, Batch } from './append-queue.ts';
import { logNoteKey, openCheckpoint, signCheckpoint } from './checkpoint.ts';
import type { CommittedTree } from './committed-tree.ts';
import { checkEntries, loadTree, planAppend } from './committed-tree.ts';
import { TlogError } from './errors.ts';
import type { LogLock } from './lock.ts';
import { EMPTY_ROOT } from './merkle/hash.ts';
import { verifyConsistency, verifyInclusion } from './merkle/proof.ts';
import { TILE_WIDTH, rootOf } from './merkle/tree.ts';
import type { NoteKey } from './note-key.ts';
import { MAX_NOTE_BYTES } from './note.ts';
import {
  cachedTiles,
  leafFromTiles,
  proveConsistency,
  proveInclusion,
  rootFromTiles,
} from './prover.ts';
import type { TileSource } from './prover.ts';
import { Publisher } from './publisher.ts';
import type { Cosigner } from './publisher.ts';
import { CHECKPOINT_PATH, readBundle, readTile } from './reader.ts';
import { directoryStorage } from './storage.ts';
import type { LogStorage } from './storage.ts';
import { tileInTree } from './tile.ts';
import { formatTlogProof } from './tlog-proof.ts';

export interface LogSettings {
  /** The identity of the log, stable for ever; also the name of its key. */
  readonly origin: string;
  /** Ed25519. */
  readonly signer: Signer;
  readonly lock: LogLock;
  readonly clock: Clock;
  /** Asked before each publication; without it a checkpoint is published as committed. */
  readonly cosign?: Cosigner;
  /** Told when a committed checkpoint could not be published (TLOG_PUBLISH_FAILED). */
  readonly onPublishFailure?: (error: TlogError) => void;
  /** Entries that may wait for a batch, default 65,536; beyond it `append` says TLOG_BUSY. */
  readonly maxPendingEntries?: number;
}

export interface LogOptions extends LogSettings {
  /** Folder of tiles and `checkpoint`, to be served as it is. Belongs to one log. */
  readonly directory: string;
}

export interface ConsistencyProof {
  readonly oldSize: number;
  readonly size: number;
  readonly hashes: readonly Uint8Array[];
  /** The signed note of `size`. */
  readonly checkpoint: Uint8Array;
}

export interface LogStatus {
  /** Entries committed, as far as this process has seen. */
  readonly size: number;
  /** When this process last saw the committed tree change. */
  readonly committedAtMs: number;
  readonly publishedSize: number;
  readonly publishedAtMs: number;
}

export interface Log {
  readonly origin: string;
  /**
   * Logs entries, in order and next to each other.
   *
   * @throws {TlogError} TLOG_APPEND_FAILED (none is in the log, try again), TLOG_APPEND_UNKNOWN
   *   (look before trying again), TLOG_FORKED (stop and call the operator), TLOG_BUSY, TLOG_CLOSED,
   *   TLOG_ENTRY_INVALID
   */
  append(entries: readonly Uint8Array[]): Promise<Appended>;
  /** The `.tlog-proof` of an entry, verified before it is returned. @throws TLOG_RANGE_INVALID */
  proof(index: number): Promise<string>;
  /** Entries `from` to `to - 1`, at most 65,536, checked against the leaves. @throws TLOG_RANGE_INVALID */
  entries(from: number, to: number): Promise<readonly Uint8Array[]>;
  /** Proof that the committed tree extends its first `oldSize` entries. @throws TLOG_RANGE_INVALID */
  consistency(oldSize: number): Promise<ConsistencyProof>;
  /** The committed checkpoint that this process saw last. */
  checkpoint(): Uint8Array;
  /** Publishes the committed checkpoint again, after a failure; fulfils as `published` does. */
  publish(): Promise<void>;
  /** Fulfils when publication has caught up or failed; see `onPublishFailure`. */
  published(): Promise<void>;
  status(): LogStatus;
  /** Waits for what was accepted, then refuses. */
  close(): Promise<void>;
}

const MAX_ENTRIES_PER_READ = 65_536;
const DEFAULT_MAX_PENDING = 65_536;
/** 8 KiB each: 4 MiB. */
const CACHED_TILES = 512;

/**
 * Opens a log, or begins one when the lock holds no checkpoint.
 *
 * @throws {TlogError} TLOG_FORKED when lock and folder disagree about what was committed,
 *   TLOG_TILE_MISSING and TLOG_TILE_CORRUPT when the right edge is damaged, TLOG_SIGNATURE_INVALID
 *   when the key is not the one that signed, TLOG_KEY_INVALID
 */
export function openLog(options: LogOptions): Promise<Log> {
  return openStoredLog(directoryStorage(options.directory), options);
}

/** `openLog` over any storage. */
export async function openStoredLog(storage: LogStorage, settings: LogSettings): Promise<Log> {
  const key = logNoteKey(settings.origin, settings.signer.publicKey);
  const tree = await settings.lock.transact(async (committed) => {
    const checkpoint =
      committed ?? (await firstCheckpoint(storage, settings.origin, settings.signer));
    const opened = await loadTree(storage, checkpoint, key);
    return { checkpoint: committed === null ? checkpoint : null, result: opened };
  });
  const log = new SequencedLog(storage, settings, tree);
  await log.start();
  return log;
}

/** The empty tree, signed, unless the folder shows that this log began long ago. */
async function firstCheckpoint(
  storage: LogStorage,
  origin: string,
  signer: Signer,
): Promise<Uint8Array> {
  if ((await storage.read(CHECKPOINT_PATH, MAX_NOTE_BYTES)) !== null) {
    throw forked('the folder holds a published checkpoint and the lock holds none');
  }
  return signCheckpoint({ origin, size: 0, root: EMPTY_ROOT }, signer);
}

class SequencedLog implements Log {
  readonly origin: string;
  readonly #storage: LogStorage;
  readonly #settings: LogSettings;
  readonly #key: NoteKey;
  readonly #queue: AppendQueue;
  readonly #publisher: Publisher;
  /** The newest committed tree seen; replaced under the lock only. */
  #tree: CommittedTree;
  #committedAtMs: number;
  #tiles: TileSource;
  #fatal: TlogError | null = null;

  constructor(storage: LogStorage, settings: LogSettings, tree: CommittedTree) {
    const { origin, lock, clock } = settings;
    this.origin = origin;
    this.#storage = storage;
    this.#settings = settings;
    this.#key = logNoteKey(origin, settings.signer.publicKey);
    this.#tree = tree;
    this.#committedAtMs = clock();
    this.#tiles = this.#freshTiles();
    this.#queue = new AppendQueue({
      commit: (batch) => this.#commit(batch),
      maxPendingEntries: settings.maxPendingEntries ?? DEFAULT_MAX_PENDING,
    });
    this.#publisher = new Publisher({
      storage,
      lock,
      key: this.#key,
      clock,
      cosign: settings.cosign ?? null,
      prove: (oldSize, size) => proveConsistency(this.#tiles, oldSize, size),
      onFailure: settings.onPublishFailure ?? ((): void => undefined),
    });
  }

  /** Checks the published checkpoint against the committed one and brings it up to date. */
  async start(): Promise<void> {
    await this.#settings.lock.transact(async (committed) => {
      const tree = await this.#catchUp(committed);
      let bytes = await this.#storage.read(CHECKPOINT_PATH, MAX_NOTE_BYTES);
      if (bytes === null) {
        // From here on the folder shows that the log has begun, even if its lock is lost.
        bytes = await signCheckpoint(
          { origin: this.origin, size: 0, root: EMPTY_ROOT },
          this.#settings.signer,
        );
        await this.#storage.write([{ path: CHECKPOINT_PATH, bytes }]);
      }
      const published = openCheckpoint(bytes, [this.#key]);
      await this.#checkExtends(published.size, published.root, tree);
      this.#publisher.adopt(bytes, published);
      return { checkpoint: null, result: undefined };
    });
    const { size } = this.#tree.edge;
    if (this.#publisher.latest?.checkpoint.size !== size || this.#settings.cosign !== undefined) {
      this.#publisher.submit(this.#tree.checkpoint, []);
    }
  }

  append(entries: readonly Uint8Array[]): Promise<Appended> {
    return this.#queue.add(entries);
  }

  async proof(index: number): Promise<string> {
    const published = this.#publisher.latest;
    // A published checkpoint carries its cosignatures: preferred where it covers the entry.
    const usePublished = published !== null && index < published.checkpoint.size;
    const { bytes, size, root } = usePublished
      ? { bytes: published.bytes, ...published.checkpoint }
      : await this.#committedWith(index + 1);
    const hashes = await proveInclusion(this.#tiles, index, size);
    const leafHash = await leafFromTiles(this.#tiles, index, size);
    this.#selfCheck(() => verifyInclusion({ index, size, leafHash, proof: hashes, root }));
    return formatTlogProof({ extra: null, index, hashes, checkpoint: bytes });
  }

  async entries(from: number, to: number): Promise<readonly Uint8Array[]> {
    const valid = Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && from <= to;
    if (!valid || to - from > MAX_ENTRIES_PER_READ) throw outOfRange(`entries ${from} to ${to}`);
    const { size } = (await this.#treeWith(to)).edge;
    const found: Uint8Array[] = [];
    for (let at = from; at < to; at = found.length + from) {
      const index = Math.floor(at / TILE_WIDTH);
      const bundle = tileInTree('entries', index, size);
      const all = await readBundle(this.#storage, bundle);
      const leaves = await this.#tiles({ ...bundle, level: 0 });
      this.#selfCheck(() => checkEntries(bundle, all, leaves));
      found.push(...all.slice(at - index * TILE_WIDTH, to - index * TILE_WIDTH));
    }
    return found;
  }

  async consistency(oldSize: number): Promise<ConsistencyProof> {
    const tree = await this.#treeWith(oldSize);
    const { size } = tree.edge;
    const hashes = await proveConsistency(this.#tiles, oldSize, size);
    const oldRoot = await rootFromTiles(this.#tiles, oldSize, size);
    const { root } = tree;
    this.#selfCheck(() => verifyConsistency({ oldSize, oldRoot, size, root, proof: hashes }));
    return { oldSize, size, hashes, checkpoint: tree.checkpoint };
  }

  checkpoint(): Uint8Array {
    return this.#tree.checkpoint;
  }

  publish(): Promise<void> {
    this.#publisher.submit(this.#tree.checkpoint, []);
    return this.#publisher.idle();
  }

  published(): Promise<void> {
    return this.#publisher.idle();
  }

  status(): LogStatus {
    const published = this.#publisher.latest;
    return {
      size: this.#tree.edge.size,
      committedAtMs: this.#committedAtMs,
      publishedSize: published?.checkpoint.size ?? 0,
      publishedAtMs: published?.atMs ?? 0,
    };
  }

  async close(): Promise<void> {
    await this.#queue.close();
    await this.#publisher.idle();
  }

  /** Commits one batch, or throws what each of its callers is told. */
  async #commit(batch: Batch): Promise<Appended> {
    if (this.#fatal !== null) throw this.#fatal;
    let answered = false;
    try {
      const { firstIndex, tree, obsolete } = await this.#settings.lock.transact(
        async (committed) => {
          const step = await this.#grow(await this.#catchUp(committed), batch.entries);
          answered = true;
          return { checkpoint: step.tree.checkpoint, result: step };
        },
      );
      this.#adopt(tree);
      this.#publisher.submit(tree.checkpoint, obsolete);
      return { firstIndex, checkpoint: tree.checkpoint };
    } catch (cause) {
      // What is committed now is read again by the next step; nothing is assumed here.
      throw this.#fatal ?? appendFailed(answered, cause);
    }
  }

  /** Writes the files of the grown tree and signs it. */
  async #grow(
    before: CommittedTree,
    entries: readonly Uint8Array[],
  ): Promise<{
    readonly firstIndex: number;
    readonly tree: CommittedTree;
    readonly obsolete: readonly string[];
  }> {
    const { edge, bundle, files, obsolete } = planAppend(before, entries);
    await this.#storage.write(files);
    const root = rootOf(edge);
    const signed = await signCheckpoint(
      { origin: this.origin, size: edge.size, root },
      this.#settings.signer,
    );
    // A signer that answered with another key or garbage must not be committed.
    openCheckpoint(signed, [this.#key]);
    const tree: CommittedTree = { checkpoint: signed, root, edge, bundle };
    return { firstIndex: before.edge.size, tree, obsolete };
  }

  /** The committed tree, under the lock: what is known, or what another process made of it. */
  async #catchUp(committed: Uint8Array | null): Promise<CommittedTree> {
    if (committed === null) throw this.#stop('the lock lost the committed checkpoint');
    if (Buffer.from(committed).equals(this.#tree.checkpoint)) return this.#tree;
    const tree = await loadTree(this.#storage, committed, this.#key);
    await this.#checkExtends(this.#tree.edge.size, this.#tree.root, tree);
    this.#adopt(tree);
    return tree;
  }

  async #checkExtends(oldSize: number, oldRoot: Uint8Array, tree: CommittedTree): Promise<void> {
    const { size } = tree.edge;
    if (oldSize > size) throw this.#stop(`the committed tree went back from ${oldSize} to ${size}`);
    const proof = await proveConsistency(this.#tiles, oldSize, size);
    try {
      verifyConsistency({ oldSize, oldRoot, size, root: tree.root, proof });
    } catch (cause) {
      throw this.#stop(`the tree of ${size} does not extend the one of ${oldSize}`, cause);
    }
  }

  /** A tree of at least `size` entries; looks at the lock when this process knows a smaller one. */
  async #treeWith(size: number): Promise<CommittedTree> {
    if (size <= this.#tree.edge.size) return this.#tree;
    const tree = await this.#settings.lock.transact(async (committed) => ({
      checkpoint: null,
      result: await this.#catchUp(committed),
    }));
    if (size > tree.edge.size) throw outOfRange(`entry ${size - 1} of a log of ${tree.edge.size}`);
    return tree;
  }

  async #committedWith(
    size: number,
  ): Promise<{ readonly bytes: Uint8Array; readonly size: number; readonly root: Uint8Array }> {
    const { checkpoint, edge, root } = await this.#treeWith(size);
    return { bytes: checkpoint, size: edge.size, root };
  }

  #adopt(tree: CommittedTree): void {
    this.#tree = tree;
    this.#committedAtMs = this.#settings.clock();
  }

  /** Runs a check of our own tiles: a false proof means that one of them was damaged. */
  #selfCheck(check: () => void): void {
    try {
      check();
    } catch (cause) {
      this.#tiles = this.#freshTiles();
      // One that names its tile says more.
      if (cause instanceof TlogError && cause.code === 'TLOG_TILE_CORRUPT') throw cause;
      throw new TlogError(
        'TLOG_TILE_CORRUPT',
        'cannot prove the entry: the tiles of the log do not lead to the signed root; restore them from a copy, and keep these as evidence',
        { cause },
      );
    }
  }

  #freshTiles(): TileSource {
    return cachedTiles((id) => readTile(this.#storage, id), CACHED_TILES);
  }

  /** From here on nothing is signed: only a person can tell which tree is the true one. */
  #stop(why: string, cause?: unknown): TlogError {
    this.#fatal ??= forked(why, cause);
    return this.#fatal;
  }
}

function forked(why: string, cause?: unknown): TlogError {
  return new TlogError(
    'TLOG_FORKED',
    `cannot go on with the log: ${why}; nothing more is signed. Restore lock and folder from the same copy, and compare with a checkpoint that others hold`,
    cause === undefined ? {} : { cause },
  );
}

function appendFailed(answered: boolean, cause: unknown): TlogError {
  return answered
    ? new TlogError(
        'TLOG_APPEND_UNKNOWN',
        'cannot tell whether the entries were logged: the commit did not answer; read the end of the log before logging them again',
        { cause },
      )
    : new TlogError(
        'TLOG_APPEND_FAILED',
        'cannot log the entries: the batch was not committed and none of them is in the log; see the cause and try again',
        { cause },
      );
}

function outOfRange(what: string): TlogError {
  return new TlogError(
    'TLOG_RANGE_INVALID',
    `cannot read ${what}: the log has no such range, or it is over ${MAX_ENTRIES_PER_READ} entries; ask below the committed size`,
  );
}
