import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';

import { betaQuantile, incompleteBeta, logGamma } from '../../src/statistics/beta.ts';

const close = (a: number, b: number, tolerance = 1e-10): void => {
  assert.ok(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)), `${a} is not ${b}`);
};

describe('incompleteBeta()', () => {
  test('agrees with closed forms', () => {
    close(incompleteBeta(0.3, 1, 1), 0.3);
    close(incompleteBeta(0.3, 2, 1), 0.09);
    close(incompleteBeta(0.3, 1, 2), 1 - 0.49);
    close(incompleteBeta(0.5, 7, 7), 0.5);
  });

  test('is the binomial tail: I_p(k, n - k + 1) = P(X >= k)', () => {
    const n = 20;
    const p = 0.3;
    const choose = (k: number): number =>
      Math.exp(logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1));
    let tail = 0;
    for (let k = 8; k <= n; k += 1) tail += choose(k) * p ** k * (1 - p) ** (n - k);

    close(incompleteBeta(p, 8, 13), tail);
  });

  test('grows with x', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 0.998, noNaN: true }),
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 500 }),
        (x, a, b) => {
          assert.ok(incompleteBeta(x + 0.001, a, b) >= incompleteBeta(x, a, b) - 1e-12);
        },
      ),
    );
  });
});

test('logGamma() gives factorials', () => {
  close(logGamma(1), 0, 1e-9);
  close(logGamma(6), Math.log(120));
  close(logGamma(0.5), Math.log(Math.sqrt(Math.PI)));
});

test('betaQuantile() inverts incompleteBeta()', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 300 }),
      (p, a, b) => {
        close(incompleteBeta(betaQuantile(p, a, b), a, b), p, 1e-7);
      },
    ),
    { numRuns: 50 },
  );
});
