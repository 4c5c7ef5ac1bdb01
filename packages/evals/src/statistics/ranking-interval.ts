/**
 * Area under the ROC curve and recall at a false positive rate, with 95 % bootstrap intervals, over
 * columns of numbers.
 *
 * The rows are sorted once; a resample is a count per sorted row, so each costs one pass. The number
 * of resamples falls with the number of rows, because so does the spread they measure: about
 * `WORK` row visits altogether, never fewer than `MIN_RESAMPLES`. Seeded, so that a published
 * interval can be recomputed.
 *
 * @module
 */
import type { Interval } from './binomial.ts';
import { mulberry32 } from './bootstrap.ts';

export interface RankingFigures {
  /** Null when one class is empty; so are the others. */
  readonly auroc: number | null;
  readonly aurocInterval: Interval | null;
  readonly recallAtRate: number | null;
  readonly recallInterval: Interval | null;
}

const WORK = 20_000_000;
const MIN_RESAMPLES = 40;
const MAX_RESAMPLES = 400;

/** `scores` are dangers: higher means more likely label 1. `rate` is the false positive rate. */
export function rankingFigures(
  scores: Float64Array,
  labels: Uint8Array,
  rate: number,
): RankingFigures {
  const sample = sortDescending(scores, labels);
  const whole = figures(sample, new Uint32Array(scores.length).fill(1), rate);
  if (whole === null) {
    return { auroc: null, aurocInterval: null, recallAtRate: null, recallInterval: null };
  }
  const random = mulberry32(1);
  const areas: number[] = [];
  const recalls: number[] = [];
  const resamples = Math.floor(WORK / Math.max(1, scores.length));
  for (let i = 0; i < Math.min(MAX_RESAMPLES, Math.max(MIN_RESAMPLES, resamples)); i += 1) {
    const resampled = figures(sample, draw(scores.length, random), rate);
    if (resampled === null) continue;
    areas.push(resampled.auroc);
    recalls.push(resampled.recall);
  }
  return {
    auroc: whole.auroc,
    aurocInterval: middle(areas),
    recallAtRate: whole.recall,
    recallInterval: middle(recalls),
  };
}

interface Sorted {
  readonly scores: Float64Array;
  readonly labels: Uint8Array;
}

function sortDescending(scores: Float64Array, labels: Uint8Array): Sorted {
  const order = Uint32Array.from(scores, (_, i) => i).sort(
    (a, b) => (scores[b] ?? 0) - (scores[a] ?? 0),
  );
  return {
    scores: Float64Array.from(order, (i) => scores[i] ?? 0),
    labels: Uint8Array.from(order, (i) => labels[i] ?? 0),
  };
}

/** Uniform draws with replacement, as how often each row was drawn. */
function draw(length: number, random: () => number): Uint32Array {
  const counts = new Uint32Array(length);
  for (let i = 0; i < length; i += 1) {
    const row = Math.floor(random() * length);
    counts[row] = (counts[row] ?? 0) + 1;
  }
  return counts;
}

/**
 * One pass from the most dangerous row down, tie by tie. A tie counts half in the area; it counts
 * for recall only while the whole of it keeps the false positives within the rate.
 */
function figures(
  sample: Sorted,
  counts: Uint32Array,
  rate: number,
): { readonly auroc: number; readonly recall: number } | null {
  const total = tally(sample.labels, counts, { start: 0, end: counts.length });
  if (total.hits === 0 || total.alarms === 0) return null;
  const allowed = Math.floor(rate * total.alarms);
  let [hits, alarms, pairs, caught] = [0, 0, 0, 0];
  for (let start = 0; start < counts.length;) {
    const end = tieEnd(sample.scores, start);
    const tied = tally(sample.labels, counts, { start, end });
    pairs += tied.hits * (total.alarms - alarms - tied.alarms) + (tied.hits * tied.alarms) / 2;
    hits += tied.hits;
    alarms += tied.alarms;
    if (alarms <= allowed) caught = hits;
    start = end;
  }
  return { auroc: pairs / (total.hits * total.alarms), recall: caught / total.hits };
}

function tieEnd(scores: Float64Array, start: number): number {
  let end = start + 1;
  while (end < scores.length && scores[end] === scores[start]) end += 1;
  return end;
}

function tally(
  labels: Uint8Array,
  counts: Uint32Array,
  { start, end }: { readonly start: number; readonly end: number },
): { readonly hits: number; readonly alarms: number } {
  let [hits, all] = [0, 0];
  for (let i = start; i < end; i += 1) {
    const count = counts[i] ?? 0;
    all += count;
    hits += (labels[i] ?? 0) * count;
  }
  return { hits, alarms: all - hits };
}

function middle(values: readonly number[]): Interval | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (quantile: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))] ?? 0;
  return { low: at(0.025), high: at(0.975) };
}
