/**
 * How well scores separate two classes. Scores here are *danger* scores: higher means more likely
 * positive (label 1). Ties count one half.
 *
 * @module
 */

export interface Scored {
  readonly score: number;
  readonly label: 0 | 1;
}

/** Area under the ROC curve; NaN when one class is empty. */
export function auroc(rows: readonly Scored[]): number {
  const sorted = rows.toSorted((a, b) => a.score - b.score);
  let rankSum = 0;
  let positives = 0;
  for (let start = 0; start < sorted.length;) {
    let end = start;
    while (end < sorted.length && sorted[end]?.score === sorted[start]?.score) end += 1;
    const rank = (start + 1 + end) / 2;
    for (let i = start; i < end; i += 1) {
      if (sorted[i]?.label === 1) {
        rankSum += rank;
        positives += 1;
      }
    }
    start = end;
  }
  const negatives = sorted.length - positives;
  if (positives === 0 || negatives === 0) return Number.NaN;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/**
 * The lowest threshold at which at most `rate` of the negatives score `>= threshold`. With ties at
 * the edge the whole tie is excluded, so the rate is never exceeded.
 */
export function thresholdAtRate(negatives: readonly number[], rate: number): number {
  if (negatives.length === 0) return Number.POSITIVE_INFINITY;
  const sorted = negatives.toSorted((a, b) => b - a);
  const allowed = Math.floor(rate * sorted.length);
  const firstExcluded = sorted[allowed];
  if (firstExcluded === undefined) return sorted[sorted.length - 1] ?? Number.POSITIVE_INFINITY;
  return nextUp(firstExcluded);
}

function nextUp(value: number): number {
  if (!Number.isFinite(value)) return value;
  const step = Math.max(Math.abs(value) * Number.EPSILON, Number.MIN_VALUE);
  return value + step;
}

/** Share of positives caught at the threshold that `thresholdAtRate` gives; NaN without positives. */
export function recallAtRate(rows: readonly Scored[], rate: number): number {
  const threshold = thresholdAtRate(
    rows.filter((row) => row.label === 0).map((row) => row.score),
    rate,
  );
  const positives = rows.filter((row) => row.label === 1);
  if (positives.length === 0) return Number.NaN;
  return positives.filter((row) => row.score >= threshold).length / positives.length;
}
