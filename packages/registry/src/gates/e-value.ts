/**
 * Testing by betting on paired differences: evidence that may be looked at any time.
 *
 * Input are differences d = score(candidate) - score(live) in [-1, 1], one per session, in order.
 * With x = (d + 1) / 2 and m0 = (1 - margin) / 2, a gambler bets the fraction lambda of the stake on
 * x - m0 at every step:
 *
 * - `nonInferiority` bets that the mean is above m0. If the candidate is worse by the margin or more,
 *   its wealth is a supermartingale and reaches 1/alpha with probability at most alpha, however often
 *   and whenever somebody looks (Ville's inequality). Wealth >= 20 is evidence at alpha = 0.05.
 * - `harm` bets that the mean is below m0: high wealth is evidence that the candidate is worse than
 *   the margin allows.
 *
 * The wealth is the mean over a fixed grid of 24 bets, so nothing is tuned on the data. References:
 * Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", JRSS-B 2023;
 * the mixture over bets follows Ryu and Bhatt, arXiv 2207.12382.
 *
 * The guarantee holds for any order of dependence as long as the conditional mean stays on one side
 * of m0; it does not hold when one session is counted as several.
 *
 * @module
 */

export interface EProcess {
  /** Wealth after the last difference; 1 before the first. */
  readonly value: number;
  /** Highest wealth at any time. */
  readonly peak: number;
}

const GRID = 24;

/** Wealth against "the candidate is worse by `margin` or more". */
export function nonInferiority(differences: Iterable<number>, margin: number): EProcess {
  return last(nonInferiorityPath(differences, margin));
}

/** Wealth against "the candidate is worse by at most `margin`". */
export function harm(differences: Iterable<number>, margin: number): EProcess {
  return last(harmPath(differences, margin));
}

/** `nonInferiority` after each difference, for charts and for looking while it runs. */
export function nonInferiorityPath(
  differences: Iterable<number>,
  margin: number,
): Iterable<EProcess> {
  const m0 = nullMean(margin);
  return bet(differences, m0, grid(0.9 / m0));
}

/** `harm` after each difference. */
export function harmPath(differences: Iterable<number>, margin: number): Iterable<EProcess> {
  const m0 = nullMean(margin);
  const lambdas = grid(0.9 / (1 - m0)).map((lambda) => -lambda);
  return bet(differences, m0, lambdas);
}

/**
 * About how many more sessions like those so far bring the wealth of `nonInferiority` to `enough`;
 * 0 when it is there, null when the evidence does not point that way. A forecast for people: it
 * decides nothing.
 */
export function sessionsToGo(
  differences: readonly number[],
  margin: number,
  enough: number,
): number | null {
  const m0 = nullMean(margin);
  if (nonInferiority(differences, margin).value >= enough) return 0;
  const best = grid(0.9 / m0)
    .map((lambda) => differences.reduce((sum, d) => sum + Math.log1p(lambda * stepOf(d, m0)), 0))
    .reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (!(best > 0)) return null;
  // The best bet holds one share in 24 of the stake.
  const missing = Math.log(enough) + Math.log(GRID) - best;
  return Math.max(1, Math.ceil((missing / best) * differences.length));
}

function nullMean(margin: number): number {
  if (!(margin > 0 && margin < 1)) throw new RangeError('a margin must be above 0 and below 1');
  return (1 - margin) / 2;
}

/** 24 bets from a thousandth of the largest to the largest, evenly spaced in the logarithm. */
function grid(largest: number): readonly number[] {
  return Array.from(
    { length: GRID },
    (_, g) => largest * 10 ** ((-3 * (GRID - 1 - g)) / (GRID - 1)),
  );
}

function stepOf(difference: number, m0: number): number {
  if (!(difference >= -1 && difference <= 1)) {
    throw new RangeError('a difference must be in [-1, 1]');
  }
  return (difference + 1) / 2 - m0;
}

function* bet(
  differences: Iterable<number>,
  m0: number,
  lambdas: readonly number[],
): Generator<EProcess> {
  const bets = lambdas.map((lambda) => ({ lambda, logWealth: 0 }));
  let peak = 1;
  for (const difference of differences) {
    const step = stepOf(difference, m0);
    for (const each of bets) each.logWealth += Math.log1p(each.lambda * step);
    const value = meanWealth(bets);
    peak = Math.max(peak, value);
    yield { value, peak };
  }
}

function last(path: Iterable<EProcess>): EProcess {
  let process: EProcess = { value: 1, peak: 1 };
  for (process of path);
  return process;
}

/** Mean of exp(x), without overflow on the way; infinite only if the mean itself is too large. */
function meanWealth(bets: readonly { readonly logWealth: number }[]): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const { logWealth } of bets) largest = Math.max(largest, logWealth);
  let sum = 0;
  for (const { logWealth } of bets) sum += Math.exp(logWealth - largest);
  return Math.exp(largest + Math.log(sum / bets.length));
}
