/**
 * Keeps the egress attempts of one sandbox and hands them to listeners, early ones included.
 *
 * A server may try to phone home while it starts, before anybody can listen; a listener therefore
 * gets what was kept first. Bounded: the oldest are dropped and counted when a hostile server floods.
 *
 * @module
 */
import type { EgressAttempt } from './attempt.ts';

export type EgressListener = (attempt: EgressAttempt) => void;

const MAX_KEPT = 1_000;

export class EgressLedger {
  readonly #listeners = new Set<EgressListener>();
  #kept: EgressAttempt[] = [];
  #dropped = 0;

  /** Attempts that are no longer kept; their listeners were called at the time. */
  get dropped(): number {
    return this.#dropped;
  }

  record(attempt: EgressAttempt): void {
    this.#kept.push(attempt);
    if (this.#kept.length > MAX_KEPT) {
      this.#kept = this.#kept.slice(-MAX_KEPT / 2);
      this.#dropped += MAX_KEPT / 2 + 1;
    }
    for (const listener of this.#listeners) listener(attempt);
  }

  /** Calls `listener` for each kept attempt and each new one, until the returned function is called. */
  listen(listener: EgressListener): () => void {
    for (const attempt of this.#kept) listener(attempt);
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
