import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { createMeasurement } from '@proofmark/evals';
import type { Metrics, RowResult } from '@proofmark/evals';

const result = (label: 0 | 1 | null, score: number, outcome: RowResult['outcome']): RowResult => ({
  id: 'x',
  label,
  score,
  outcome,
  latencyMs: 1,
});

function measure(results: readonly RowResult[]): Metrics {
  const measurement = createMeasurement();
  for (const row of results) measurement.add(row);
  return measurement.metrics();
}

describe('createMeasurement()', () => {
  test('an error is neither a hit nor a pass: it is counted apart', () => {
    const metrics = measure([
      result(1, 0, 'error'),
      result(1, 0.1, 'fail'),
      result(1, 0.9, 'pass'),
      result(0, 0.2, 'fail'),
      result(0, 0.8, 'pass'),
    ]);

    assert.deepEqual(
      [metrics.tp, metrics.fp, metrics.tn, metrics.fn, metrics.errors, metrics.labelled],
      [1, 1, 1, 1, 1, 5],
    );
    assert.equal(metrics.f1, 0.5);
    assert.equal(metrics.balancedAccuracy, 0.5);
    assert.equal(metrics.auroc, 0.5);
  });

  test('a missing class gives null, not a number that looks good', () => {
    assert.equal(measure([result(1, 0, 'fail')]).auroc, null);
    assert.equal(measure([]).recallAt1Fpr, null);
    assert.equal(measure([]).intervals.recall, null);
  });

  test('every figure lies in its interval', () => {
    const rows = Array.from({ length: 300 }, (_, i) =>
      result(i % 3 === 0 ? 1 : 0, ((i * 37) % 101) / 101, (i * 37) % 101 < 50 ? 'fail' : 'pass'),
    );
    const metrics = measure(rows);
    for (const key of ['precision', 'recall', 'f1', 'fpr', 'auroc', 'recallAt1Fpr'] as const) {
      const interval = metrics.intervals[key];
      const value = metrics[key];
      assert.ok(interval !== null && value !== null && interval.low <= value, key);
      assert.ok(interval.high >= value && interval.high <= 1, key);
    }
  });

  test('counts add up whatever the rows are, and the order of rows does not matter', () => {
    const anyRow = fc.record({
      id: fc.constant('x'),
      label: fc.constantFrom<(0 | 1 | null)[]>(0, 1, null),
      score: fc.double({ min: 0, max: 1, noNaN: true }),
      outcome: fc.constantFrom<RowResult['outcome'][]>('pass', 'fail', 'error'),
      latencyMs: fc.double({ min: 0, max: 100, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 40 }), (rows) => {
        const { tp, fp, tn, fn, n, auroc } = measure(rows);
        const judged = rows.filter((r) => r.label !== null && r.outcome !== 'error').length;
        assert.equal(tp + fp + tn + fn, judged);
        assert.equal(n, rows.length);
        assert.equal(measure(rows.toReversed()).auroc, auroc);
      }),
      { numRuns: 30 },
    );
  });
});
