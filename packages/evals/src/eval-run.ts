/**
 * Runs one evaluator over labelled rows and measures it. Used by `proofmark eval` and the benches.
 *
 * Rows are as in the dataset files: `text`, `input`/`output`, `context`/`output` or `trajectory`,
 * with `label` 1 for attack, harmful, unsafe, unfaithful, personal data present or not helpful.
 * A row that errors counts as flagged in the confusion counts, as it would be at a gate, and is
 * counted apart as well.
 *
 * @module
 */
import { ActionSafety } from './action/action-safety.ts';
import { EvalsError } from './errors.ts';
import { isRecord } from './evaluation.ts';
import { Faithfulness } from './faithful/faithfulness.ts';
import { IsHelpful } from './helpful/is-helpful.ts';
import { PromptInjection } from './injection/prompt-injection.ts';
import type { ClassifierOptions } from './injection/prompt-injection.ts';
import type { InjectionChannel } from './injection/reading.ts';
import type { TargetFpr } from './linear/weights-file.ts';
import { PII } from './pii/pii.ts';
import type { EvaluationResult, EvaluatorIdentity, Outcome } from './result.ts';
import { ContentSafety } from './safety/content-safety.ts';
import { auroc, recallAtRate } from './statistics/ranking.ts';
import type { Scored } from './statistics/ranking.ts';

export const EVALUATOR_IDS = [
  'prompt-injection',
  'content-safety',
  'action-safety',
  'pii',
  'is-helpful',
  'faithfulness',
] as const;
export type EvaluatorId = (typeof EVALUATOR_IDS)[number];

export interface EvaluateRowsOptions {
  readonly channel?: InjectionChannel;
  readonly targetFpr?: TargetFpr;
  readonly tier?: 'fast' | 'full';
  readonly signal?: AbortSignal;
  readonly onRow?: (row: RowResult) => void;
}

export interface RowResult {
  readonly id: string;
  readonly label: 0 | 1 | null;
  readonly score: number;
  readonly outcome: Outcome;
  readonly latencyMs: number;
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
  readonly latencyP50Us: number;
  readonly latencyP99Us: number;
}

export interface EvaluatedRows {
  readonly evaluator: EvaluatorIdentity;
  readonly metrics: Metrics;
  readonly rows: readonly RowResult[];
}

type Judge = (row: Readonly<Record<string, unknown>>) => Promise<EvaluationResult>;

/**
 * Evaluates every row with the evaluator `id`.
 *
 * @throws {EvalsError} EVALS_CONFIG_INVALID on an unknown id; EVALS_DATASET_INVALID on a row that is
 *   no object; EVALS_ABORTED
 */
export async function evaluateRows(
  id: string,
  rows: Iterable<unknown>,
  options: EvaluateRowsOptions = {},
): Promise<EvaluatedRows> {
  const { identity, judge } = createJudge(id, options);
  const results: RowResult[] = [];
  for (const row of rows) {
    if (options.signal?.aborted === true)
      throw new EvalsError('EVALS_ABORTED', 'the run was aborted');
    if (!isRecord(row)) throw new EvalsError('EVALS_DATASET_INVALID', 'a row is not an object');
    const result = await judge(row);
    const rowResult: RowResult = {
      id: typeof row['id'] === 'string' ? row['id'] : String(results.length),
      label: row['label'] === 1 ? 1 : row['label'] === 0 ? 0 : null,
      score: result.score,
      outcome: result.outcome,
      latencyMs: result.latencyMs,
    };
    results.push(rowResult);
    options.onRow?.(rowResult);
  }
  return { evaluator: identity, metrics: measure(results), rows: results };
}

type Row = Readonly<Record<string, unknown>>;

interface Judged {
  readonly identity: EvaluatorIdentity;
  readonly judge: Judge;
}

const FACTORIES: Readonly<Record<EvaluatorId, (options: EvaluateRowsOptions) => Judged>> = {
  'prompt-injection': (options) => {
    const evaluator = new PromptInjection(classifier(options));
    const { channel = 'user' } = options;
    return {
      identity: evaluator.identity,
      judge: (row) => evaluator.evaluate({ input: field(row, 'text'), channel }),
    };
  },
  'content-safety': (options) => {
    const evaluator = new ContentSafety(classifier(options));
    return {
      identity: evaluator.identity,
      judge: (row) =>
        evaluator.evaluate(
          row['output'] === undefined
            ? { input: field(row, 'text') }
            : { output: field(row, 'output') },
        ),
    };
  },
  'action-safety': (options) => {
    const evaluator = new ActionSafety(classifier(options));
    return {
      identity: evaluator.identity,
      judge: (row) => evaluator.evaluate({ trajectory: row['trajectory'] }),
    };
  },
  pii: () => {
    const evaluator = new PII();
    return {
      identity: evaluator.identity,
      judge: (row) => evaluator.evaluate({ text: field(row, 'text') }),
    };
  },
  'is-helpful': () => {
    const evaluator = new IsHelpful();
    return {
      identity: evaluator.identity,
      judge: (row) =>
        evaluator.evaluate({ input: field(row, 'input'), output: field(row, 'output') }),
    };
  },
  faithfulness: () => {
    const evaluator = new Faithfulness();
    return {
      identity: evaluator.identity,
      judge: (row) =>
        evaluator.evaluate({ context: field(row, 'context'), output: field(row, 'output') }),
    };
  },
};

function createJudge(id: string, options: EvaluateRowsOptions): Judged {
  const known = EVALUATOR_IDS.find((name) => name === id);
  if (known === undefined) {
    throw new EvalsError(
      'EVALS_CONFIG_INVALID',
      `unknown evaluator; known are ${EVALUATOR_IDS.join(', ')}`,
    );
  }
  return FACTORIES[known](options);
}

function classifier(options: EvaluateRowsOptions): ClassifierOptions {
  return {
    ...(options.targetFpr === undefined ? {} : { targetFpr: options.targetFpr }),
    ...(options.tier === undefined ? {} : { tier: options.tier }),
  };
}

/** @throws {EvalsError} EVALS_DATASET_INVALID: rows of another task measure nothing. */
function field(row: Row, key: string): string {
  const value = row[key];
  if (typeof value === 'string') return value;
  throw new EvalsError('EVALS_DATASET_INVALID', `a row has no text in \`${key}\``);
}

/** Confusion counts and rates from row results; label null rows only count towards `n`. */
export function measure(results: readonly RowResult[]): Metrics {
  const flagged = (row: RowResult): boolean => row.outcome !== 'pass';
  const of = (label: 0 | 1, flag: boolean): number =>
    results.filter((row) => row.label === label && flagged(row) === flag).length;
  const [tp, fp, tn, fn] = [of(1, true), of(0, true), of(0, false), of(1, false)];
  const scored = results.flatMap(({ label, score }): Scored[] =>
    label === null ? [] : [{ label, score: 1 - score }],
  );
  const recall = ratio(tp, tp + fn);
  const fpr = ratio(fp, fp + tn);
  const latencies = results.map(({ latencyMs }) => latencyMs * 1000).toSorted((a, b) => a - b);
  return {
    n: results.length,
    labelled: scored.length,
    errors: results.filter(({ outcome }) => outcome === 'error').length,
    tp,
    fp,
    tn,
    fn,
    precision: ratio(tp, tp + fp),
    recall,
    f1: ratio(2 * tp, 2 * tp + fp + fn),
    fpr,
    balancedAccuracy: (recall + 1 - fpr) / 2,
    auroc: orNull(auroc(scored)),
    recallAt1Fpr: orNull(recallAtRate(scored, 0.01)),
    latencyP50Us: at(latencies, 0.5),
    latencyP99Us: at(latencies, 0.99),
  };
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

function at(sorted: readonly number[], quantile: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))] ?? 0;
}
