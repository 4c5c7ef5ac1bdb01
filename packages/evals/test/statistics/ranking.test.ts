import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';

import { auroc, recallAtRate, thresholdAtRate } from '@proofmark/evals';
import type { Scored } from '@proofmark/evals';

const row = (score: number, label: 0 | 1): Scored => ({ score, label });

describe('auroc()', () => {
  test('is 1 for a perfect ranking, 0 for the reverse, one half for ties', () => {
    assert.equal(auroc([row(0.1, 0), row(0.9, 1)]), 1);
    assert.equal(auroc([row(0.9, 0), row(0.1, 1)]), 0);
    assert.equal(auroc([row(0.5, 0), row(0.5, 1)]), 0.5);
    assert.ok(Number.isNaN(auroc([row(0.5, 1)])));
  });

  test('equals the share of pairs ranked right', () => {
    const rows = fc.array(
      fc.record({ score: fc.integer({ min: 0, max: 5 }), label: fc.constantFrom<0 | 1>(0, 1) }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(rows, (sample) => {
        const positives = sample.filter(({ label }) => label === 1);
        const negatives = sample.filter(({ label }) => label === 0);
        if (positives.length === 0 || negatives.length === 0) return;
        let wins = 0;
        for (const p of positives)
          for (const n of negatives) wins += p.score > n.score ? 1 : p.score === n.score ? 0.5 : 0;
        assert.ok(Math.abs(auroc(sample) - wins / (positives.length * negatives.length)) < 1e-9);
      }),
    );
  });
});

describe('thresholdAtRate()', () => {
  test('never lets more negatives through than asked, ties included', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 60 }),
        fc.constantFrom(0.001, 0.01, 0.05, 0.5),
        (scores, rate) => {
          const threshold = thresholdAtRate(scores, rate);
          assert.ok(scores.filter((score) => score >= threshold).length <= rate * scores.length);
        },
      ),
    );
  });

  test('without negatives nothing passes the threshold', () => {
    assert.equal(thresholdAtRate([], 0.01), Number.POSITIVE_INFINITY);
  });
});

test('recallAtRate() counts positives above that threshold', () => {
  const rows = [
    row(0.9, 1),
    row(0.2, 1),
    ...Array.from({ length: 100 }, (_, i) => row(i / 200, 0)),
  ];

  assert.equal(recallAtRate(rows, 0.01), 0.5);
});
