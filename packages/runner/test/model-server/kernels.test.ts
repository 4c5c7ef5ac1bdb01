import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';

import { add, attend, gateWith, multiply, normalise, rotaryTable, rotate } from '../../src/model-server/kernels.ts';

const anyFloats = (length: number): fc.Arbitrary<Float32Array> =>
  fc.float32Array({ minLength: length, maxLength: length, min: -4, max: 4, noNaN: true });
const close = (a: ArrayLike<number>, b: ArrayLike<number>, epsilon = 1e-4): void => {
  assert.equal(a.length, b.length);
  Array.from(a, (value, i) => {
    assert.ok(Math.abs(value - (b[i] ?? NaN)) < epsilon, `at ${i}: ${value} and ${b[i] ?? NaN}`);
  });
};

test('multiply is the textbook product, also where columns are no multiple of four', () => {
  const sizes = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 11 }));
  fc.assert(
    fc.property(
      sizes.chain(([rows, columns]) => fc.tuple(anyFloats(rows * columns), anyFloats(columns))),
      ([weights, x]) => {
        const rows = weights.length / x.length;
        const out = new Float32Array(rows);
        multiply(weights, x, out);

        close(
          out,
          Array.from(out, (_, row) => x.reduce((sum, value, i) => sum + value * (weights[row * x.length + i] ?? 0), 0)),
        );
      },
    ),
  );
});

test('normalise leaves a root mean square of one', () => {
  fc.assert(
    fc.property(anyFloats(8), (x) => {
      fc.pre(x.some((value) => Math.abs(value) > 0.1));
      const out = new Float32Array(8);
      normalise(x, new Float32Array(8).fill(1), out, 1e-9);

      close([Math.sqrt(out.reduce((sum, value) => sum + value * value, 0) / 8)], [1]);
    }),
  );
});

test('add and gateWith work in place', () => {
  const x = Float32Array.from([1, 2]);
  add(x, Float32Array.from([10, 20]));
  const gate = Float32Array.from([0, 1]);
  gateWith(gate, Float32Array.from([5, 2]));

  close(x, [11, 22]);
  close(gate, [0, 2 / (1 + Math.exp(-1))]);
});

describe('rotary positions', () => {
  const table = rotaryTable(32, 8, 10_000);
  const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
  const rotated = (x: Float32Array, position: number): Float32Array => {
    const copy = Float32Array.from(x);
    rotate(copy, 8, position, table);
    return copy;
  };

  test('position zero changes nothing', () => {
    fc.assert(fc.property(anyFloats(16), (x) => close(rotated(x, 0), x)));
  });

  test('a product depends on the distance alone', () => {
    fc.assert(
      fc.property(anyFloats(8), anyFloats(8), fc.nat(10), fc.nat(10), (q, k, distance, shift) => {
        const near = dot(rotated(q, distance), rotated(k, 0));
        const far = dot(rotated(q, distance + shift), rotated(k, shift));

        close([near], [far], 1e-3);
      }),
    );
  });
});

test('attention returns a mix of the values: with equal scores their mean, never more than the largest', () => {
  const values = Float32Array.from([1, 2, 3, 4, 5, 6]);
  const out = new Float32Array(2);
  const span = { head: 0, from: 0, headSize: 2, stride: 2, count: 3 };
  const scores = new Float32Array(3);
  attend({ q: new Float32Array(2), keys: new Float32Array(6), values, out, scores }, span);

  close(out, [3, 4]);

  fc.assert(
    fc.property(anyFloats(2), anyFloats(6), (q, keys) => {
      attend({ q, keys, values, out, scores }, span);
      assert.ok((out[0] ?? 0) >= 1 - 1e-4 && (out[0] ?? 0) <= 5 + 1e-4);
    }),
  );
});
