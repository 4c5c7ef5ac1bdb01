/**
 * Turns growth of the kernel's count of refused connections into records, less what was named.
 *
 * Named attempts reach the ledger by themselves, a moment before or after they are counted. So what
 * is counted waits for one check; then what nobody named is recorded with an unknown destination. A
 * name given without an attempt covers attempts of that moment and the next, never later ones.
 *
 * @module
 */
import { setTimeout as delay } from 'node:timers/promises';

import type { Clock } from '@proofmark/core';

import type { EgressSubject } from './attempt.ts';
import type { EgressLedger } from './ledger.ts';

/** How long the end of a sandbox waits for destinations that are still on their way out. */
const LAST_WORDS_MS = 150;

export interface DirectWatchOptions {
  readonly clock: Clock;
  readonly intervalMs: number;
  /** The kernel's count, or null when it cannot be read. */
  readonly count: () => number | null;
}

export class DirectWatch {
  readonly #subject: EgressSubject;
  readonly #ledger: EgressLedger;
  readonly #options: DirectWatchOptions;
  readonly #endListening: () => void;
  #timer: NodeJS.Timeout | null = null;
  /** The kernel's count at the last check. */
  #known = 0;
  /** Counted at the last check and not yet judged. */
  #waiting = 0;
  /** Named since the last check, and between that one and the one before. */
  #named = 0;
  #namedBefore = 0;

  constructor(subject: EgressSubject, ledger: EgressLedger, options: DirectWatchOptions) {
    this.#subject = subject;
    this.#ledger = ledger;
    this.#options = options;
    this.#endListening = ledger.listen(({ rule, destination, count }) => {
      if (rule === 'direct' && destination !== null) this.#named += count;
    });
  }

  /** The self-test's own attempts are over: what comes now comes from the server. */
  start(): void {
    this.#known = this.#options.count() ?? 0;
    this.#timer = setInterval(() => this.check(), this.#options.intervalMs);
    this.#timer.unref();
  }

  /** Judges everything that was counted until now; call while the sandbox still lives. */
  async finish(): Promise<void> {
    this.check();
    await delay(LAST_WORDS_MS);
    this.check();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#endListening();
  }

  /** Judges what was counted until the last check, and counts. */
  check(): void {
    const unnamed = this.#waiting - this.#named - this.#namedBefore;
    this.#namedBefore = this.#named;
    this.#named = 0;
    const now = this.#options.count() ?? this.#known;
    this.#waiting = Math.max(0, now - this.#known);
    this.#known = now;
    if (unnamed <= 0) return;
    this.#ledger.record({
      ...this.#subject,
      outcome: 'denied',
      rule: 'direct',
      destination: null,
      count: unnamed,
      atMs: this.#options.clock(),
    });
  }
}
