/**
 * Bounds on a proportion seen in a finite number of attempts.
 *
 * Clopper-Pearson is exact (never less confident than it claims), which is what a gate needs; Wilson
 * is the better interval to show a person.
 *
 * @module
 */
import { EvalsError } from '../errors.ts';
import { betaQuantile } from './beta.ts';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** One-sided exact upper bound: the true rate is at most this, with confidence `confidence`. */
export function upperBound(successes: number, trials: number, confidence = 0.95): number {
  check(successes, trials, confidence);
  if (successes === trials) return 1;
  return betaQuantile(confidence, successes + 1, trials - successes);
}

/** One-sided exact lower bound: the true rate is at least this, with confidence `confidence`. */
export function lowerBound(successes: number, trials: number, confidence = 0.95): number {
  check(successes, trials, confidence);
  if (successes === 0) return 0;
  return betaQuantile(1 - confidence, successes, trials - successes + 1);
}

/** Two-sided Wilson score interval; `z` is the normal quantile, 1.96 for 95 %. */
export function wilson(successes: number, trials: number, z = 1.959963984540054): Interval {
  check(successes, trials, 0.95);
  if (trials === 0) return { low: 0, high: 1 };
  const rate = successes / trials;
  const denominator = 1 + (z * z) / trials;
  const centre = (rate + (z * z) / (2 * trials)) / denominator;
  const half =
    (z * Math.sqrt((rate * (1 - rate)) / trials + (z * z) / (4 * trials * trials))) / denominator;
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

function check(successes: number, trials: number, confidence: number): void {
  const counts = Number.isInteger(successes) && Number.isInteger(trials);
  if (!counts || successes < 0 || successes > trials || !(confidence > 0 && confidence < 1)) {
    throw new EvalsError(
      'EVALS_CONFIG_INVALID',
      `cannot bound ${successes} of ${trials} at confidence ${confidence}: not a proportion`,
    );
  }
}
