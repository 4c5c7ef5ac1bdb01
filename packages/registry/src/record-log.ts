/**
 * The append-only log as the registry uses it.
 *
 * @module
 */
import type { Log } from '@proofmark/tlog';
import { TlogError } from '@proofmark/tlog';

/**
 * A Merkle log. `append` resolves only when the entries are durably committed; when it rejects, they
 * may or may not be in the log, and the caller has to look.
 */
export interface RecordLog {
  append(entries: readonly Uint8Array[]): Promise<{ readonly firstIndex: number }>;
  /** Number of entries committed by now, by any process that shares the log. */
  size(): Promise<number>;
  /** Entries in [from, to), at most 65,536. */
  entries(from: number, to: number): Promise<readonly Uint8Array[]>;
  /** Inclusion proof of one entry under the newest checkpoint, as `.tlog-proof` text. */
  proof(index: number): Promise<string>;
}

/** A `Log` as the registry uses it. */
export function recordLog(log: Log): RecordLog {
  return {
    append: (entries) => log.append(entries),
    size: () => currentSize(log),
    entries: (from, to) => log.entries(from, to),
    proof: (index) => log.proof(index),
  };
}

/**
 * `status()` knows what this process has seen. Asking for one entry more makes the log look at what
 * is committed, which another process may have done before it died.
 */
async function currentSize(log: Log): Promise<number> {
  const seen = log.status().size;
  try {
    await log.entries(seen, seen + 1);
  } catch (cause) {
    if (!(cause instanceof TlogError) || cause.code !== 'TLOG_RANGE_INVALID') throw cause;
  }
  return log.status().size;
}
