import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { confidencePath, confidenceSequence } from '@proofmark/registry';

test('before the first difference nothing is known', () => {
  assert.deepEqual(confidenceSequence([], 0.05), { mean: 0, lower: -1, upper: 1 });
});

test('the interval only ever shrinks, and its ends stay in [-1, 1]', () => {
  const differences = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { maxLength: 80 });
  fc.assert(
    fc.property(differences, (ds) => {
      let before = { lower: -1, upper: 1 };
      for (const { lower, upper, mean } of confidencePath(ds, 0.05)) {
        assert.ok(lower >= before.lower && upper <= before.upper);
        assert.ok(mean >= -1 - 1e-12 && mean <= 1 + 1e-12);
        before = { lower, upper };
      }
    }),
  );
});

test('swapping candidate and live model mirrors the interval', () => {
  const differences = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(differences, (ds) => {
      const one = confidenceSequence(ds, 0.05);
      const other = confidenceSequence(
        ds.map((d) => -d),
        0.05,
      );
      assert.ok(Math.abs(one.lower + other.upper) < 1e-9);
      assert.ok(Math.abs(one.mean + other.mean) < 1e-9);
    }),
  );
});

test('equal answers over 2,000 sessions narrow it to less than a hundredth', () => {
  const { lower, upper } = confidenceSequence(
    Array.from({ length: 2000 }, () => 0),
    0.05,
  );

  assert.ok(lower < 0 && upper > 0 && upper - lower < 0.02, `${lower} to ${upper}`);
});

/** A 32-bit linear congruential generator with the constants of Numerical Recipes. */
function uniforms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test('the true mean leaves the interval at any look in at most 5 % of runs', () => {
  const random = uniforms(7);
  const runs = 400;
  let missed = 0;
  for (let run = 0; run < runs; run += 1) {
    const differences = Array.from({ length: 300 }, () => {
      const u = random();
      return u < 0.1 ? -1 : u < 0.15 ? 1 : 0;
    });
    const { lower, upper } = confidenceSequence(differences, 0.05);
    if (lower > -0.05 || upper < -0.05) missed += 1;
  }

  assert.ok(missed <= 0.05 * runs, `${missed} of ${runs}`);
});

test('what is no difference, and an alpha that is no probability, are refused', () => {
  for (const bad of [1.01, -1.01, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => confidenceSequence([bad], 0.05), RangeError);
  }
  for (const alpha of [0, 1, -1, Number.NaN]) {
    assert.throws(() => confidenceSequence([0], alpha), RangeError);
  }
});

/** Theorem 2 of the paper, written out term by term in another language. */
const WORKED = [
  {
    differences: Array.from({ length: 90 }, (_, i) =>
      i % 3 === 0 ? 0 : (((i * 7) % 11) - 5) / 10,
    ),
    alpha: 0.05,
    interval: [-0.013333333333333197, -0.19077884941370993, 0.16360811256723418],
  },
  {
    differences: Array.from({ length: 120 }, (_, i) => [0.2, -0.4, 0, 1, -1, 0.3][i % 6] ?? 0),
    alpha: 0.1,
    interval: [0.016666666666666385, -0.15811840152349765, 0.19487130286500398],
  },
];

for (const { differences, alpha, interval } of WORKED) {
  test(`${differences.length} differences give the worked interval`, () => {
    const { mean, lower, upper } = confidenceSequence(differences, alpha);

    [mean, lower, upper].forEach((value, i) => {
      assert.ok(Math.abs(value - (interval[i] ?? 9)) < 1e-12, `${value}, not ${interval[i]}`);
    });
  });
}
