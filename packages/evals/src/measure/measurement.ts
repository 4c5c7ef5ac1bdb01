/**
 * Figures over many row results, added one at a time: memory grows by 24 bytes a row and nothing
 * else, so a file larger than memory can be measured.
 *
 * A row that errored is neither a hit nor a pass: it stands outside the confusion counts and the
 * ranking, in `errors`, so that `tp + fp + tn + fn + errors of labelled rows = labelled`. Scores are
 * turned into danger (1 - score) for ranking.
 *
 * @module
 */
import { EvalsError } from '../errors.ts';
import type { Outcome } from '../result.ts';
import { wilson } from '../statistics/binomial.ts';
import type { Interval } from '../statistics/binomial.ts';
import { rankingFigures } from '../statistics/ranking-interval.ts';
import { createSpanTally } from './span-tally.ts';
import type { SpanFigures, SpanMatch } from './span-tally.ts';

export interface RowResult {
  readonly id: string;
  readonly label: 0 | 1 | null;
  /** In [0, 1], higher is safer or better; 0 when the row errored. */
  readonly score: number;
  readonly outcome: Outcome;
  readonly latencyMs: number;
  /** Why the row errored. */
  readonly reason?: string;
  /** Personal data: how the found spans match the annotated ones. */
  readonly spans?: readonly SpanMatch[];
}

export interface Metrics {
  readonly n: number;
  readonly labelled: number;
  readonly errors: number;
  readonly tp: number;
  readonly fp: number;
  readonly tn: number;
  readonly fn: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Share of label 0 that was flagged. */
  readonly fpr: number;
  /** (recall + 1 - fpr) / 2. */
  readonly balancedAccuracy: number;
  /** NaN-free: null when one class is empty. */
  readonly auroc: number | null;
  readonly recallAt1Fpr: number | null;
  /**
   * 95 %: Wilson for proportions (F1 through tp / (tp + fp + fn), of which it is a monotone
   * function), bootstrap over rows for the two that rank.
   */
  readonly intervals: {
    readonly precision: Interval | null;
    readonly recall: Interval | null;
    readonly f1: Interval | null;
    readonly fpr: Interval | null;
    readonly auroc: Interval | null;
    readonly recallAt1Fpr: Interval | null;
  };
  readonly latencyP50Us: number;
  readonly latencyP99Us: number;
  /** Per type of personal data; absent for other evaluators. */
  readonly spans?: SpanFigures;
}

export interface Measurement {
  /** @throws {EvalsError} EVALS_DATASET_INVALID beyond `MAX_MEASURED_ROWS` */
  add(result: RowResult): void;
  metrics(): Metrics;
}

const MAX_MEASURED_ROWS = 5_000_000;

export function createMeasurement(): Measurement {
  const spans = createSpanTally();
  const counts = { n: 0, labelled: 0, errors: 0, tp: 0, fp: 0, tn: 0, fn: 0 };
  const dangers = createColumn();
  const labels = createColumn();
  const latencies = createColumn();
  return {
    add(result) {
      latencies.add(result.latencyMs * 1000);
      counts.n += 1;
      if (result.label !== null) counts.labelled += 1;
      if (result.spans !== undefined) spans.add(result.spans);
      if (result.outcome === 'error') {
        counts.errors += 1;
        return;
      }
      if (result.label === null) return;
      dangers.add(1 - result.score);
      labels.add(result.label);
      counts[cell(result.label, result.outcome)] += 1;
    },
    metrics() {
      const ranking = rankingFigures(dangers.values(), Uint8Array.from(labels.values()), 0.01);
      const sorted = latencies.values().toSorted();
      const found = spans.figures();
      return {
        ...counts,
        ...proportions(counts),
        auroc: ranking.auroc,
        recallAt1Fpr: ranking.recallAtRate,
        intervals: {
          ...intervals(counts),
          auroc: ranking.aurocInterval,
          recallAt1Fpr: ranking.recallInterval,
        },
        latencyP50Us: at(sorted, 0.5),
        latencyP99Us: at(sorted, 0.99),
        ...(found === null ? {} : { spans: found }),
      };
    },
  };
}

interface Column {
  add(value: number): void;
  values(): Float64Array;
}

/** Numbers of one kind, one per row, in a buffer that doubles. */
function createColumn(): Column {
  let buffer = new Float64Array(1024);
  let length = 0;
  return {
    add(value) {
      if (length >= MAX_MEASURED_ROWS) {
        throw new EvalsError(
          'EVALS_DATASET_INVALID',
          `cannot measure more than ${MAX_MEASURED_ROWS} rows at once; split the file`,
        );
      }
      if (length >= buffer.length) {
        const larger = new Float64Array(buffer.length * 2);
        larger.set(buffer);
        buffer = larger;
      }
      buffer[length] = value;
      length += 1;
    },
    values: () => buffer.subarray(0, length),
  };
}

function cell(label: 0 | 1, outcome: 'pass' | 'fail'): 'tp' | 'fp' | 'tn' | 'fn' {
  if (label === 1) return outcome === 'fail' ? 'tp' : 'fn';
  return outcome === 'fail' ? 'fp' : 'tn';
}

interface Confusion {
  readonly tp: number;
  readonly fp: number;
  readonly tn: number;
  readonly fn: number;
}

function proportions({
  tp,
  fp,
  tn,
  fn,
}: Confusion): Pick<Metrics, 'precision' | 'recall' | 'f1' | 'fpr' | 'balancedAccuracy'> {
  const recall = ratio(tp, tp + fn);
  const fpr = ratio(fp, fp + tn);
  return {
    precision: ratio(tp, tp + fp),
    recall,
    f1: ratio(2 * tp, 2 * tp + fp + fn),
    fpr,
    balancedAccuracy: (recall + 1 - fpr) / 2,
  };
}

function intervals({
  tp,
  fp,
  tn,
  fn,
}: Confusion): Pick<Metrics['intervals'], 'precision' | 'recall' | 'f1' | 'fpr'> {
  const overlap = between(tp, tp + fp + fn);
  const toF1 = (share: number): number => (2 * share) / (1 + share);
  return {
    precision: between(tp, tp + fp),
    recall: between(tp, tp + fn),
    f1: overlap === null ? null : { low: toF1(overlap.low), high: toF1(overlap.high) },
    fpr: between(fp, fp + tn),
  };
}

function between(part: number, whole: number): Interval | null {
  return whole === 0 ? null : wilson(part, whole);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function at(sorted: Float64Array, quantile: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))] ?? 0;
}
