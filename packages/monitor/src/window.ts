/**
 * The last items in time, bounded in age and in number. Pure but for its own state; time is passed
 * in. What the number bound dropped is counted, so that a rule can say that it saw a sample.
 *
 * @module
 */
import { MonitorError } from './errors.ts';

export interface WindowLimits {
  readonly maxAgeMs: number;
  readonly maxItems: number;
}

export class Window<T> {
  readonly #limits: WindowLimits;
  readonly #timeOf: (item: T) => number;
  #items: T[] = [];
  #dropped = 0;

  /** @throws {MonitorError} MONITOR_CONFIG_INVALID */
  constructor(limits: WindowLimits, timeOf: (item: T) => number) {
    if (!(limits.maxAgeMs > 0) || !(limits.maxItems >= 1)) {
      throw new MonitorError(
        'MONITOR_CONFIG_INVALID',
        'cannot create a window: maxAgeMs and maxItems must be positive',
      );
    }
    this.#limits = limits;
    this.#timeOf = timeOf;
  }

  /** Items older than the window, or dated after `nowMs`, are not taken. */
  add(item: T, nowMs: number): void {
    const atMs = this.#timeOf(item);
    if (atMs > nowMs || atMs <= nowMs - this.#limits.maxAgeMs) return;
    this.#items.push(item);
    // Twice the bound, then cut to it: one copy per `maxItems` additions.
    if (this.#items.length >= 2 * this.#limits.maxItems) this.#cut(nowMs);
  }

  /** The items of the last `ageMs` (at most `maxAgeMs`), in the order in which they were added. */
  last(ageMs: number, nowMs: number): readonly T[] {
    this.#cut(nowMs);
    const from = nowMs - Math.min(ageMs, this.#limits.maxAgeMs);
    return this.#items.filter((item) => this.#timeOf(item) > from && this.#timeOf(item) <= nowMs);
  }

  /** Items that were dropped although they were young enough. */
  get dropped(): number {
    return this.#dropped;
  }

  #cut(nowMs: number): void {
    const young = this.#items.filter((item) => this.#timeOf(item) > nowMs - this.#limits.maxAgeMs);
    this.#items = young.slice(-this.#limits.maxItems);
    this.#dropped += young.length - this.#items.length;
  }
}
