/**
 * Publishing: the committed checkpoint becomes the log's `checkpoint` file, after the witnesses
 * where there are any.
 *
 * Publication follows the commit and never decides anything: when it fails, the entries are in the
 * log all the same, the failure is reported, and the next checkpoint publishes them. It runs under
 * the lock, so that of two processes the slower one cannot put back an older checkpoint.
 *
 * @module
 */
import type { Clock } from '@proofmark/core';

import type { Checkpoint } from './checkpoint.ts';
import { openCheckpoint } from './checkpoint.ts';
import { TlogError } from './errors.ts';
import type { LogLock } from './lock.ts';
import type { NoteKey } from './note-key.ts';
import { MAX_NOTE_BYTES } from './note.ts';
import { CHECKPOINT_PATH } from './reader.ts';
import type { LogStorage } from './storage.ts';

/**
 * Collects cosignatures for a checkpoint and returns the note with them, or throws when there is no
 * quorum. `prove` builds the consistency proof from an older size.
 */
export type Cosigner = (
  checkpoint: Uint8Array,
  prove: (oldSize: number) => Promise<readonly Uint8Array[]>,
) => Promise<Uint8Array>;

export interface PublisherOptions {
  readonly storage: LogStorage;
  readonly lock: LogLock;
  readonly key: NoteKey;
  readonly clock: Clock;
  readonly cosign: Cosigner | null;
  /** Consistency proof between two sizes of the committed tree. */
  readonly prove: (oldSize: number, size: number) => Promise<readonly Uint8Array[]>;
  readonly onFailure: (error: TlogError) => void;
}

/** A checkpoint that is in the `checkpoint` file. */
export interface Published {
  readonly bytes: Uint8Array;
  readonly checkpoint: Checkpoint;
  readonly atMs: number;
}

/** A committed checkpoint that waits to be published. */
interface Waiting {
  readonly bytes: Uint8Array;
  readonly obsolete: readonly string[];
}

export class Publisher {
  readonly #options: PublisherOptions;
  #waiting: Waiting | null = null;
  #running: Promise<void> | null = null;
  /** Folders of publications that failed: they are removed after the next one. */
  #left: readonly string[] = [];
  #latest: Published | null = null;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** What this process published last, or found published. */
  get latest(): Published | null {
    return this.#latest;
  }

  /** Takes over what is in the file already; the caller has verified it. */
  adopt(bytes: Uint8Array, checkpoint: Checkpoint): void {
    this.#latest = { bytes, checkpoint, atMs: this.#options.clock() };
  }

  /** Publishes a committed checkpoint soon; one that is still waiting is replaced by the newer. */
  submit(bytes: Uint8Array, obsolete: readonly string[]): void {
    this.#waiting = { bytes, obsolete: [...(this.#waiting?.obsolete ?? []), ...obsolete] };
    this.#running ??= this.#run();
  }

  /** Fulfils when nothing waits to be published. Never rejects. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async #run(): Promise<void> {
    for (;;) {
      const next = this.#waiting;
      this.#waiting = null;
      if (next === null) break;
      const obsolete = [...this.#left, ...next.obsolete];
      this.#left = obsolete;
      try {
        await this.#publish(next.bytes);
        for (const folder of obsolete) await this.#options.storage.removeFolder(folder);
        this.#left = [];
      } catch (cause) {
        this.#options.onFailure(publishFailed(cause));
      }
    }
    this.#running = null;
  }

  async #publish(committed: Uint8Array): Promise<void> {
    const { storage, lock, key, cosign, prove, clock } = this.#options;
    const checkpoint = openCheckpoint(committed, [key]);
    const bytes =
      cosign === null
        ? committed
        : await cosign(committed, (oldSize) => prove(oldSize, checkpoint.size));
    await lock.transact(async () => {
      const present = await readPublished(storage, key);
      if (present === null || present.checkpoint.size <= checkpoint.size) {
        await storage.write([{ path: CHECKPOINT_PATH, bytes }]);
      }
      return { checkpoint: null, result: undefined };
    });
    this.#latest = { bytes, checkpoint, atMs: clock() };
  }
}

/** The published checkpoint, or null when there is none that is this log's. */
async function readPublished(
  storage: LogStorage,
  key: NoteKey,
): Promise<{ readonly checkpoint: Checkpoint } | null> {
  const bytes = await storage.read(CHECKPOINT_PATH, MAX_NOTE_BYTES);
  if (bytes === null) return null;
  try {
    return { checkpoint: openCheckpoint(bytes, [key]) };
  } catch (error) {
    // Not this log's: a file that nobody can use is replaced, whatever size it claims.
    if (error instanceof TlogError) return null;
    throw error;
  }
}

function publishFailed(cause: unknown): TlogError {
  return new TlogError(
    'TLOG_PUBLISH_FAILED',
    'cannot publish the checkpoint: the entries are committed, readers still see the one before; check the disk and the witnesses, the next append publishes again',
    { cause },
  );
}
