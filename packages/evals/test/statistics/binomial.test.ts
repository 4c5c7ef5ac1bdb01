import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';

import { lowerBound, upperBound, wilson } from '@proofmark/evals';

describe('Clopper-Pearson bounds', () => {
  test('zero successes in n attempts is bounded by 1 - alpha^(1/n), the rule of three', () => {
    for (const n of [10, 299, 1049]) {
      assert.ok(Math.abs(upperBound(0, n) - (1 - 0.05 ** (1 / n))) < 1e-9);
      assert.ok(Math.abs(lowerBound(n, n) - 0.05 ** (1 / n)) < 1e-9);
    }
  });

  test('known values: 5 of 100', () => {
    assert.ok(Math.abs(upperBound(5, 100) - 0.1022534) < 1e-5);
    assert.ok(Math.abs(lowerBound(5, 100) - 0.0199122) < 1e-5);
  });

  test('299 clean attempts bound the rate below 1 %, 298 do not', () => {
    assert.ok(upperBound(0, 299) < 0.01);
    assert.ok(upperBound(0, 298) > 0.01);
  });

  test('the observed rate lies between the bounds, and more successes raise both', () => {
    const counts = fc
      .integer({ min: 1, max: 2000 })
      .chain((n) => fc.tuple(fc.integer({ min: 0, max: n - 1 }), fc.constant(n)));
    fc.assert(
      fc.property(counts, ([k, n]) => {
        assert.ok(lowerBound(k, n) <= k / n && k / n <= upperBound(k, n));
        assert.ok(upperBound(k + 1, n) >= upperBound(k, n));
        assert.ok(lowerBound(k + 1, n) >= lowerBound(k, n));
      }),
      { numRuns: 60 },
    );
  });

  test('what is no proportion is refused', () => {
    for (const [k, n] of [
      [-1, 5],
      [6, 5],
      [0.5, 5],
      [Number.NaN, 5],
    ] as const) {
      assert.throws(() => upperBound(k, n), { code: 'EVALS_CONFIG_INVALID' });
    }
  });
});

test('wilson() contains the rate and is the whole range without attempts', () => {
  const { low, high } = wilson(5, 100);

  assert.ok(low < 0.05 && high > 0.05);
  assert.deepEqual(wilson(0, 0), { low: 0, high: 1 });
});
