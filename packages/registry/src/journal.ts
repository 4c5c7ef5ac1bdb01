/**
 * Writes that are in the log and in the store, or in neither.
 *
 * A write begins as a pending entry, is appended to the log, and is settled: three durable steps, in
 * this order, under the store's exclusive lock. A crash between two of them leaves a pending entry,
 * and whoever takes the lock next resolves it: if the log holds the entry, the write is finished; if
 * not, it never happened. While the lock is held every pending entry is an orphan, so nobody resolves
 * an entry that another process is still writing.
 *
 * @module
 */
import type { LogEntry } from '@proofmark/tlog';
import { encodeEntry } from '@proofmark/tlog';

import { RegistryError } from './errors.ts';
import type { RecordLog } from './record-log.ts';
import type { PendingEntry, RegistryStore } from './store.ts';

export interface Recovery {
  /** Digests of writes that a crash interrupted and that are complete now. */
  readonly finished: readonly string[];
  /** Digests of writes that a crash interrupted before they reached the log. */
  readonly discarded: readonly string[];
}

export interface Journal {
  /** Runs `step` alone, after resolving what a crash left over. `write` may be called only inside. */
  exclusively<T>(step: () => Promise<T>): Promise<T>;
  /**
   * Logs and settles one write.
   *
   * @returns The index of its log entry.
   * @throws {RegistryError} REGISTRY_LOG_FAILED: nothing changed, or a later call will find out
   */
  write(entry: Omit<PendingEntry, 'logSizeBefore'>): Promise<number>;
  /** Resolves what a crash left over. */
  recover(): Promise<Recovery>;
}

export function openJournal(store: RegistryStore, log: RecordLog): Journal {
  return {
    exclusively: (step) =>
      store.exclusive(async () => {
        await resolveAll(store, log);
        return step();
      }),
    write: (entry) => write(store, log, entry),
    recover: () => store.exclusive(() => resolveAll(store, log)),
  };
}

async function write(
  store: RegistryStore,
  log: RecordLog,
  draft: Omit<PendingEntry, 'logSizeBefore'>,
): Promise<number> {
  const entry: PendingEntry = { ...draft, logSizeBefore: await log.size() };
  await store.begin(entry);
  const index = await appendOrFind(store, log, entry);
  await store.settle(entry.digest, index);
  return index;
}

/** An append that rejects may have happened all the same, so its outcome is read from the log. */
async function appendOrFind(
  store: RegistryStore,
  log: RecordLog,
  entry: PendingEntry,
): Promise<number> {
  try {
    const { firstIndex } = await log.append([encodeEntry(logEntryOf(entry))]);
    return firstIndex;
  } catch (cause) {
    const index = await find(log, entry).catch((second: unknown) => {
      throw logFailed('it cannot be read either; the write is settled or undone later', second);
    });
    if (index !== null) return index;
    await store.discard(entry.digest);
    throw logFailed('nothing changed; free the disk or repair the log, then try again', cause);
  }
}

async function resolveAll(store: RegistryStore, log: RecordLog): Promise<Recovery> {
  const finished: string[] = [];
  const discarded: string[] = [];
  for (const entry of await store.pending()) {
    const index = await find(log, entry);
    if (index === null) {
      await store.discard(entry.digest);
      discarded.push(entry.digest);
    } else {
      await store.settle(entry.digest, index);
      finished.push(entry.digest);
    }
  }
  return { finished, discarded };
}

const CHUNK = 1024;

/** Where the log holds the entry, or null. */
async function find(log: RecordLog, entry: PendingEntry): Promise<number | null> {
  const sought = Buffer.from(encodeEntry(logEntryOf(entry)));
  const size = await log.size();
  for (let from = entry.logSizeBefore; from < size; from += CHUNK) {
    const entries = await log.entries(from, Math.min(size, from + CHUNK));
    const at = entries.findIndex((bytes) => sought.equals(bytes));
    if (at >= 0) return from + at;
  }
  return null;
}

function logEntryOf(entry: PendingEntry): LogEntry {
  return { kind: entry.entryKind, digest: entry.digest };
}

function logFailed(next: string, cause: unknown): RegistryError {
  return new RegistryError(
    'REGISTRY_LOG_FAILED',
    `cannot write to the registry: the log did not take the entry; ${next}`,
    { cause },
  );
}
