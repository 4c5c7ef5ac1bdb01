/**
 * Runs one evaluator over labelled rows in memory and measures it; `proofmark eval` does the same
 * row by row from a file.
 *
 * @module
 */
import { EvalsError } from '../errors.ts';
import type { EvaluatorIdentity } from '../result.ts';
import { createMeasurement } from './measurement.ts';
import type { Metrics, RowResult } from './measurement.ts';
import { createRowEvaluator } from './row-evaluator.ts';
import type { RowEvaluatorOptions } from './row-evaluator.ts';

export interface EvaluatedRows {
  readonly evaluator: EvaluatorIdentity;
  readonly metrics: Metrics;
  readonly rows: readonly RowResult[];
}

/**
 * Evaluates every row with the evaluator `id`. A row that cannot be judged is a result with outcome
 * `error`.
 *
 * @throws {EvalsError} EVALS_CONFIG_INVALID on an unknown id; EVALS_ABORTED
 */
export async function evaluateRows(
  id: string,
  rows: Iterable<unknown>,
  options: RowEvaluatorOptions = {},
): Promise<EvaluatedRows> {
  const evaluator = createRowEvaluator(id, options);
  const measurement = createMeasurement();
  const results: RowResult[] = [];
  for (const row of rows) {
    if (options.signal?.aborted === true) {
      throw new EvalsError('EVALS_ABORTED', 'the run was aborted');
    }
    const result = await evaluator.evaluate(row, `row ${results.length + 1}`);
    results.push(result);
    measurement.add(result);
  }
  return { evaluator: evaluator.identity, metrics: measurement.metrics(), rows: results };
}
