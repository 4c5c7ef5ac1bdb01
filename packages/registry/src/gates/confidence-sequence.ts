/**
 * An interval for the mean difference that holds at every look at once: for charts and reports.
 *
 * Input are differences d in [-1, 1], one per session. The interval after n sessions contains the
 * true mean for all n together with probability at least 1 - alpha, so a chart of it may be watched
 * live. It decides nothing: the betting processes (e-value.ts) need fewer sessions for the same
 * promise.
 *
 * The empirical-Bernstein confidence sequence with predictable plug-in bets of Waudby-Smith and
 * Ramdas, "Estimating means of bounded random variables by betting", JRSS-B 2023, Theorem 2, on
 * x = (d + 1) / 2; with the intersection of all intervals so far, which is valid for the same alpha.
 *
 * @module
 */

export interface Interval {
  /** Of the differences so far, in [-1, 1]. */
  readonly mean: number;
  readonly lower: number;
  readonly upper: number;
}

const MAX_BET = 0.5;

/** The interval after the last difference; [-1, 1] before the first. */
export function confidenceSequence(differences: Iterable<number>, alpha: number): Interval {
  let interval: Interval = { mean: 0, lower: -1, upper: 1 };
  for (interval of confidencePath(differences, alpha));
  return interval;
}

/** The interval after each difference. */
export function* confidencePath(differences: Iterable<number>, alpha: number): Generator<Interval> {
  if (!(alpha > 0 && alpha < 1)) throw new RangeError('alpha must be above 0 and below 1');
  const logTerm = Math.log(2 / alpha);
  let [n, sum, squares] = [0, 0, 0];
  // Estimates before the next value is seen: a bet must not know what it bets on.
  let [mean, variance] = [0.5, 0.25];
  let [bets, weighted, penalty] = [0, 0, 0];
  let [lower, upper] = [0, 1];
  for (const difference of differences) {
    if (!(difference >= -1 && difference <= 1)) {
      throw new RangeError('a difference must be in [-1, 1]');
    }
    const x = (difference + 1) / 2;
    n += 1;
    const bet = Math.min(MAX_BET, Math.sqrt((2 * logTerm) / (variance * n * Math.log(1 + n))));
    bets += bet;
    weighted += bet * x;
    penalty += 4 * (x - mean) ** 2 * ((-Math.log1p(-bet) - bet) / 4);
    sum += x;
    mean = (0.5 + sum) / (n + 1);
    squares += (x - mean) ** 2;
    variance = (0.25 + squares) / (n + 1);
    const centre = weighted / bets;
    const half = (logTerm + penalty) / bets;
    lower = Math.max(lower, centre - half);
    upper = Math.min(upper, centre + half);
    yield { mean: (2 * sum) / n - 1, lower: 2 * lower - 1, upper: 2 * upper - 1 };
  }
}
