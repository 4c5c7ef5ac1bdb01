/**
 * Counts refused logins and tokens, and has them recorded: at most once an interval.
 *
 * Whoever is refused is not known, so what they cost must be bounded: a number per code in memory and
 * one record an interval, however many try. A record that cannot be written is tried again with the
 * next; what a crash takes with it is one interval of counts.
 *
 * @module
 */
import type { Clock } from '@proofmark/core';
import type { Refusals } from '@proofmark/registry';

import { ServerError } from '../errors.ts';
import type { ServerErrorCode } from '../errors.ts';

export interface RefusedLogins {
  /** Counts what a request was refused with, if nobody was known by then. */
  note(error: unknown): void;
  /** Records what was counted. */
  close(): Promise<void>;
}

export interface RefusedLoginsOptions {
  readonly record: (refusals: Refusals) => Promise<unknown>;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
  /** Milliseconds between records, default a minute. */
  readonly intervalMs?: number;
}

/** Refused before it was known who asks; `SERVER_FORBIDDEN` is another matter. */
const CODES: ReadonlySet<ServerErrorCode> = new Set<ServerErrorCode>([
  'SERVER_UNAUTHORIZED',
  'SERVER_TOKEN_MALFORMED',
  'SERVER_TOKEN_EXPIRED',
  'SERVER_TOKEN_REVOKED',
  'SERVER_IDENTITY_INVALID',
  'SERVER_IDENTITY_EXPIRED',
  'SERVER_IDENTITY_REPLAYED',
  'SERVER_IDENTITY_NO_ROLE',
  'SERVER_IDENTITY_UNAVAILABLE',
]);

const INTERVAL_MS = 60_000;

export function countRefusedLogins(options: RefusedLoginsOptions): RefusedLogins {
  const { record, clock, onError, intervalMs = INTERVAL_MS } = options;
  let counts = new Map<string, number>();
  let fromMs = 0;
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> = Promise.resolve();

  const later = (): void => {
    timer ??= setTimeout(() => {
      timer = null;
      writing = writing.then(write);
    }, intervalMs).unref();
  };
  const write = async (): Promise<void> => {
    if (counts.size === 0) return;
    const taken = counts;
    const refusals = { fromMs, toMs: clock(), counts: inOrder(taken) };
    counts = new Map();
    try {
      await record(refusals);
    } catch (error) {
      for (const [code, count] of taken) counts.set(code, (counts.get(code) ?? 0) + count);
      ({ fromMs } = refusals);
      later();
      onError(error);
    }
  };
  return {
    note(error) {
      if (!(error instanceof ServerError) || !CODES.has(error.code)) return;
      if (counts.size === 0) fromMs = clock();
      counts.set(error.code, (counts.get(error.code) ?? 0) + 1);
      later();
    },
    async close() {
      if (timer !== null) clearTimeout(timer);
      writing = writing.then(write);
      await writing;
      // A failed write has set it again.
      if (timer !== null) clearTimeout(timer);
    },
  };
}

function inOrder(counts: ReadonlyMap<string, number>): Refusals['counts'] {
  return [...counts]
    .map(([code, count]) => ({ code, count }))
    .toSorted((a, b) => (a.code < b.code ? -1 : 1));
}
