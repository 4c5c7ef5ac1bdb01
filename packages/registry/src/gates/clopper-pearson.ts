/**
 * Exact one-sided bounds for a proportion (Clopper and Pearson, 1934).
 *
 * After `failures` of `trials`, `upperBound` is the largest rate that the observation does not rule
 * out at the given confidence: BetaInv(confidence; k+1, n-k). It is exact in the sense that it is
 * wrong at most (1 - confidence) of the time whatever the true rate is; it assumes that the trials
 * are independent draws from what the model will meet, which no fixed suite is. What a bound proves
 * and what it does not is printed beside it wherever it decides.
 *
 * The regularised incomplete beta function is evaluated by its continued fraction (Lentz's method)
 * and inverted by bisection. Checked against closed forms and published sample sizes in
 * vectors/gates/clopper-pearson.json.
 *
 * @module
 */

/** Upper bound of the true failure rate, in [0, 1]. `confidence` in (0, 1), e.g. 0.95. */
export function upperBound(failures: number, trials: number, confidence: number): number {
  checkCounts(failures, trials, confidence);
  if (failures === trials) return 1;
  return inverseBeta(confidence, failures + 1, trials - failures);
}

/** Lower bound of the true success rate when `failures` of `trials` failed. */
export function lowerBoundOfSuccess(failures: number, trials: number, confidence: number): number {
  return 1 - upperBound(failures, trials, confidence);
}

function checkCounts(failures: number, trials: number, confidence: number): void {
  const counts = Number.isSafeInteger(failures) && Number.isSafeInteger(trials);
  const ordered = failures >= 0 && trials > 0 && failures <= trials;
  if (!counts || !ordered || !(confidence > 0 && confidence < 1)) {
    throw new RangeError('a bound needs 0 <= failures <= trials, trials > 0, 0 < confidence < 1');
  }
}

const BISECTIONS = 100;

/** x with I_x(a, b) = p. The upper end of the last interval: never below the true value. */
function inverseBeta(p: number, a: number, b: number): number {
  let low = 0;
  let high = 1;
  for (let i = 0; i < BISECTIONS; i += 1) {
    const middle = (low + high) / 2;
    if (regularizedBeta(middle, a, b) < p) low = middle;
    else high = middle;
  }
  return high;
}

/** I_x(a, b) for x in (0, 1). */
function regularizedBeta(x: number, a: number, b: number): number {
  const logFront =
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  // The fraction converges fast only below the mean; above it the symmetric form is used.
  return x < (a + 1) / (a + b + 2)
    ? (Math.exp(logFront) * continuedFraction(x, a, b)) / a
    : 1 - (Math.exp(logFront) * continuedFraction(1 - x, b, a)) / b;
}

const MAX_TERMS = 10_000;
const TINY = 1e-300;
const EPSILON = 1e-15;

function continuedFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= MAX_TERMS; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    const step = d * c;
    result *= step;
    if (Math.abs(step - 1) < EPSILON) return result;
  }
  throw new RangeError('the incomplete beta function did not converge');
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/** Stirling's series after shifting the argument above 15: relative error below 1e-15. */
function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  while (z < 15) {
    shift += Math.log(z);
    z += 1;
  }
  const inverse = 1 / z;
  const square = inverse * inverse;
  const series =
    inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680))));
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
