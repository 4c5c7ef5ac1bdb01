/**
 * Looks at the record keepers every second: receipts, spans. A failure or a loss becomes an alert.
 *
 * @module
 */
import type { RecordHealth } from '@proofmark/monitor';

/** Running totals of one component. */
export interface Totals {
  readonly failures: number;
  readonly lost: number;
  readonly lastFailure: string | null;
}

export interface HealthOptions {
  readonly components: Readonly<Record<string, () => Totals>>;
  readonly clock: () => number;
  readonly tell: (health: RecordHealth) => void;
}

const LOOK_MS = 1000;

/** Starts looking; returns what ends it. */
export function watchRecordHealth(options: HealthOptions): () => void {
  const known = new Map<string, Totals>();
  const look = (): void => {
    for (const [component, totals] of Object.entries(options.components)) {
      const now = totals();
      const before = known.get(component);
      known.set(component, now);
      options.tell({
        component,
        atMs: options.clock(),
        failures: now.failures - (before?.failures ?? 0),
        lost: now.lost - (before?.lost ?? 0),
        lastFailure: now.lastFailure,
      });
    }
  };
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    look();
  };
}
