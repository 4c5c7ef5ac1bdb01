/**
 * Coalesces concurrent appends: while one batch is being committed, the calls that come in form the
 * next one.
 *
 * A call's entries stay together and in order, and calls keep their order. The queue is bounded in
 * entries; a batch is bounded in entries and bytes. It knows nothing of trees.
 *
 * @module
 */
import { MAX_ENTRY_BYTES } from './entry.ts';
import { TlogError } from './errors.ts';

/** Where entries landed. */
export interface Appended {
  /** Index of the first entry of the call; the others follow. */
  readonly firstIndex: number;
  /** A committed checkpoint that covers them: a signed note. */
  readonly checkpoint: Uint8Array;
}

export interface Batch {
  readonly entries: readonly Uint8Array[];
}

export interface AppendQueueOptions {
  /** Commits a batch and says where it begins. */
  readonly commit: (batch: Batch) => Promise<Appended>;
  readonly maxPendingEntries: number;
}

interface Call {
  readonly entries: readonly Uint8Array[];
  readonly bytes: number;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

const MAX_BATCH_ENTRIES = 65_536;
const MAX_BATCH_BYTES: number = 64 * 1024 * 1024;

export class AppendQueue {
  readonly #options: AppendQueueOptions;
  #calls: Call[] = [];
  #pendingEntries = 0;
  #running: Promise<void> | null = null;
  #closed = false;

  constructor(options: AppendQueueOptions) {
    this.#options = options;
  }

  /** Queues one call; its entries are copied. @throws {TlogError} as `Log.append` */
  async add(entries: readonly Uint8Array[]): Promise<Appended> {
    const bytes = this.#admit(entries);
    const copies = entries.map((entry) => Uint8Array.from(entry));
    const { promise, resolve, reject } = Promise.withResolvers<Appended>();
    this.#calls.push({ entries: copies, bytes, resolve, reject });
    this.#pendingEntries += entries.length;
    this.#running ??= this.#run();
    return promise;
  }

  /** Refuses new calls and waits for those that were accepted. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#running !== null) await this.#running;
  }

  #admit(entries: readonly Uint8Array[]): number {
    if (this.#closed) {
      throw new TlogError('TLOG_CLOSED', 'cannot log entries: the log was closed; open it again');
    }
    if (entries.length === 0) throw refuse('a call needs at least one entry');
    if (entries.some((e) => e.length === 0 || e.length > MAX_ENTRY_BYTES)) {
      throw refuse(`an entry has 1 to ${MAX_ENTRY_BYTES} bytes; log the digest of a larger record`);
    }
    const bytes = entries.reduce((sum, entry) => sum + entry.length, 0);
    if (entries.length > MAX_BATCH_ENTRIES || bytes > MAX_BATCH_BYTES) {
      throw refuse(`a call has at most ${MAX_BATCH_ENTRIES} entries and ${MAX_BATCH_BYTES} bytes`);
    }
    if (this.#pendingEntries + entries.length > this.#options.maxPendingEntries) {
      throw new TlogError(
        'TLOG_BUSY',
        `cannot log ${entries.length} entries: ${this.#pendingEntries} wait already; try again later`,
      );
    }
    return bytes;
  }

  async #run(): Promise<void> {
    // Calls made in the same turn of the event loop as the first one share its batch.
    await Promise.resolve();
    while (this.#calls.length > 0) {
      const calls = this.#take();
      await this.#commit(calls);
      this.#pendingEntries -= calls.reduce((sum, call) => sum + call.entries.length, 0);
    }
    this.#running = null;
  }

  /** The calls that fit one batch, at least one. */
  #take(): readonly Call[] {
    let entries = 0;
    let bytes = 0;
    const end = this.#calls.findIndex((call) => {
      entries += call.entries.length;
      bytes += call.bytes;
      return entries > MAX_BATCH_ENTRIES || bytes > MAX_BATCH_BYTES;
    });
    return this.#calls.splice(0, end === -1 ? this.#calls.length : end);
  }

  async #commit(calls: readonly Call[]): Promise<void> {
    try {
      const batch = { entries: calls.flatMap((call) => call.entries) };
      const { firstIndex: start, checkpoint } = await this.#options.commit(batch);
      let firstIndex = start;
      for (const call of calls) {
        call.resolve({ firstIndex, checkpoint });
        firstIndex += call.entries.length;
      }
    } catch (error) {
      for (const call of calls) call.reject(error);
    }
  }
}

function refuse(why: string): TlogError {
  return new TlogError('TLOG_ENTRY_INVALID', `cannot log the entries: ${why}`);
}
