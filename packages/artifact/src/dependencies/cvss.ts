/**
 * Severity as a CVSS base score, from whatever a report carries.
 *
 * Vectors of CVSS 3.0 and 3.1 are computed (FIRST, CVSS v3.1 specification, section 7.1). A word
 * stands for the worst score of its band: the number that cannot be too kind. Anything else, such as
 * a CVSS 4 vector without a score, is null: unknown, which a gate counts as 10.
 *
 * @module
 */

const BANDS: Readonly<Record<string, number>> = {
  none: 0,
  info: 3.9,
  informational: 3.9,
  negligible: 3.9,
  low: 3.9,
  moderate: 6.9,
  medium: 6.9,
  high: 8.9,
  important: 8.9,
  critical: 10,
};

/** The worst score of a severity word. */
export function scoreOfWord(word: string): number | null {
  const key = word.toLowerCase();
  return Object.hasOwn(BANDS, key) ? (BANDS[key] ?? null) : null;
}

/** A score in [0, 10] from a number or its text. */
export function scoreOfNumber(value: number | string): number | null {
  const score =
    typeof value === 'string' && /^\d{1,2}(?:\.\d{1,6})?$/.test(value) ? Number(value) : value;
  return typeof score === 'number' && score >= 0 && score <= 10 ? score : null;
}

/** The worst of the scores that are known, or null. */
export function worst(scores: readonly (number | null)[]): number | null {
  const known = scores.filter((score) => score !== null);
  return known.length === 0 ? null : Math.max(...known);
}

type Weights = Readonly<Record<string, number>>;

const WEIGHTS: Readonly<Record<string, Weights>> = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  UI: { N: 0.85, R: 0.62 },
  C: { H: 0.56, L: 0.22, N: 0 },
  I: { H: 0.56, L: 0.22, N: 0 },
  A: { H: 0.56, L: 0.22, N: 0 },
};
const PRIVILEGES: Weights = { N: 0.85, L: 0.62, H: 0.27 };
const PRIVILEGES_CHANGED: Weights = { N: 0.85, L: 0.68, H: 0.5 };

/** The base score of a CVSS 3 vector, or null when it is none. */
export function scoreOfVector(vector: string): number | null {
  if (!/^CVSS:3\.[01]\/[A-Za-z:/]{20,200}$/.test(vector)) return null;
  const metrics = new Map<string, string>();
  for (const part of vector.split('/').slice(1)) {
    const [name = '', value = ''] = part.split(':');
    if (metrics.has(name)) return null;
    metrics.set(name, value);
  }
  const scope = metrics.get('S');
  if (scope !== 'U' && scope !== 'C') return null;
  return baseScore(metrics, scope === 'C');
}

function baseScore(metrics: ReadonlyMap<string, string>, changed: boolean): number | null {
  const weigh = (name: string, weights: Weights | undefined): number => {
    const value = metrics.get(name) ?? '';
    return weights !== undefined && Object.hasOwn(weights, value)
      ? (weights[value] ?? Number.NaN)
      : Number.NaN;
  };
  const [av, ac, ui, c, i, a] = ['AV', 'AC', 'UI', 'C', 'I', 'A'].map((name) =>
    weigh(name, WEIGHTS[name]),
  );
  const pr = weigh('PR', changed ? PRIVILEGES_CHANGED : PRIVILEGES);
  const iss = 1 - (1 - (c ?? NaN)) * (1 - (i ?? NaN)) * (1 - (a ?? NaN));
  const impact = changed ? 7.52 * (iss - 0.029) - 3.25 * (iss - 0.02) ** 15 : 6.42 * iss;
  const exploitability = 8.22 * (av ?? NaN) * (ac ?? NaN) * pr * (ui ?? NaN);
  if (Number.isNaN(impact + exploitability)) return null;
  if (impact <= 0) return 0;
  return roundUp(Math.min((changed ? 1.08 : 1) * (impact + exploitability), 10));
}

/** To one decimal, upwards, without the errors of binary fractions (appendix A of 3.1). */
function roundUp(value: number): number {
  const scaled = Math.round(value * 100_000);
  return scaled % 10_000 === 0 ? scaled / 100_000 : (Math.floor(scaled / 10_000) + 1) / 10;
}
