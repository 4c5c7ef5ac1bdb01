/**
 * Keeps the telemetry of the last days and lets the rest go: a disk must not fill up with spans.
 *
 * @module
 */
import { excerpt } from '@proofmark/core';
import type { Clock } from '@proofmark/core';
import type { TelemetryStore } from '@proofmark/server';

export interface RetentionOptions {
  readonly store: Pick<TelemetryStore, 'prune'>;
  readonly days: number;
  readonly clock: Clock;
  readonly tell: (line: string) => void;
  readonly intervalMs?: number;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Deletes once now and then every hour. @returns stops it, after the deletion under way */
export function keepTelemetry(options: RetentionOptions): () => Promise<void> {
  const { store, days, clock, tell } = options;
  let running: Promise<void> = Promise.resolve();
  const prune = async (): Promise<void> => {
    try {
      await store.prune(clock() - days * DAY_MS);
    } catch (error) {
      const why = excerpt(error instanceof Error ? error.message : 'unknown');
      tell(`old telemetry could not be deleted: ${why}; the data folder keeps growing`);
    }
  };
  const next = (): void => {
    running = running.then(prune);
  };
  next();
  const timer = setInterval(next, options.intervalMs ?? HOUR_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
