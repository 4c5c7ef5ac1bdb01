import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { lowerBoundOfSuccess, upperBound } from '@proofmark/registry';

import { readVectors } from './vectors.ts';

interface Trial {
  readonly failures: number;
  readonly trials: number;
  readonly confidence: number;
}

const vectors = readVectors<{
  readonly upper: readonly (Trial & { readonly bound: number })[];
  readonly least: readonly (Trial & { readonly rate: number })[];
  readonly refused: readonly Trial[];
}>('clopper-pearson.json');

describe('upperBound() agrees with vectors/gates/clopper-pearson.json:', () => {
  for (const { failures, trials, confidence, bound } of vectors.upper) {
    test(`${failures} of ${trials} at ${confidence}`, () => {
      const actual = upperBound(failures, trials, confidence);

      assert.ok(Math.abs(actual - bound) <= 1e-10 * bound, `${actual}, expected ${bound}`);
    });
  }

  for (const { failures, trials, confidence, rate } of vectors.least) {
    test(`${trials} is the least number with ${failures} failures for a rate of ${rate} at ${confidence}`, () => {
      assert.ok(upperBound(failures, trials, confidence) <= rate);
      assert.ok(upperBound(failures, trials - 1, confidence) > rate);
    });
  }

  for (const { failures, trials, confidence } of vectors.refused) {
    test(`${failures} of ${trials} at ${confidence} is refused`, () => {
      assert.throws(() => upperBound(failures, trials, confidence), RangeError);
    });
  }
});

const anyTrial = fc
  .tuple(fc.integer({ min: 1, max: 3000 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([trials, share]) => ({ trials, failures: Math.floor(share * trials) }));

test('the bound is above the observed rate, and grows with failures', () => {
  fc.assert(
    fc.property(anyTrial, ({ failures, trials }) => {
      const bound = upperBound(failures, trials, 0.95);

      assert.ok(bound > failures / trials || failures === trials);
      if (failures < trials) assert.ok(upperBound(failures + 1, trials, 0.95) > bound);
    }),
    { numRuns: 200 },
  );
});

test('without a failure the bound is the closed form 1 - alpha^(1/n)', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), (trials) => {
      const closed = -Math.expm1(Math.log(0.05) / trials);

      assert.ok(Math.abs(upperBound(0, trials, 0.95) - closed) <= 1e-9 * closed);
    }),
    { numRuns: 100 },
  );
});

test('small samples agree with their closed forms to thirteen digits', () => {
  const near = (actual: number, expected: number): void =>
    assert.ok(Math.abs(actual - expected) <= 1e-13 * expected, `${actual}, expected ${expected}`);

  for (let n = 1; n <= 40; n += 1) {
    near(upperBound(0, n, 0.95), -Math.expm1(Math.log(0.05) / n));
    near(upperBound(n - 1, n, 0.95), 0.95 ** (1 / n));
    near(upperBound(n, 2 * n + 1, 0.5), 0.5);
  }
});

test('the lower bound of success is the mirror of the upper bound of failure', () => {
  assert.equal(lowerBoundOfSuccess(5, 1049, 0.95), 1 - upperBound(5, 1049, 0.95));
  assert.equal(lowerBoundOfSuccess(7, 7, 0.95), 0);
});
