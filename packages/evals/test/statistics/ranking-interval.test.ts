import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { auroc, recallAtRate } from '../../src/statistics/ranking.ts';
import { rankingFigures } from '../../src/statistics/ranking-interval.ts';

describe('rankingFigures()', () => {
  test('perfect separation is 1 and 1, with intervals that say so', () => {
    const scores = Float64Array.from({ length: 100 }, (_, i) => i);
    const labels = Uint8Array.from({ length: 100 }, (_, i) => (i >= 50 ? 1 : 0));
    const figures = rankingFigures(scores, labels, 0.01);

    assert.equal(figures.auroc, 1);
    assert.equal(figures.recallAtRate, 1);
    assert.equal(figures.aurocInterval?.low, 1);
  });

  test('one class alone gives null', () => {
    assert.equal(rankingFigures(Float64Array.of(0.2), Uint8Array.of(1), 0.01).auroc, null);
    assert.equal(rankingFigures(Float64Array.of(), Uint8Array.of(), 0.01).recallInterval, null);
  });

  test('agrees with the definitions over rows, ties included', () => {
    const rows = fc.array(
      fc.record({ score: fc.integer({ min: 0, max: 6 }), label: fc.constantFrom<(0 | 1)[]>(0, 1) }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(rows, (sample) => {
        const figures = rankingFigures(
          Float64Array.from(sample, ({ score }) => score),
          Uint8Array.from(sample, ({ label }) => label),
          0.2,
        );
        const area = auroc(sample);
        if (Number.isNaN(area)) {
          assert.equal(figures.auroc, null);
          return;
        }
        assert.ok(Math.abs((figures.auroc ?? -1) - area) < 1e-12);
        assert.equal(figures.recallAtRate, recallAtRate(sample, 0.2));
      }),
      { numRuns: 60 },
    );
  });
});
