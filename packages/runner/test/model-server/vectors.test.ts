import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';

import { createArena } from '../../src/model-server/arena.ts';
import {
  add,
  gated,
  normalise,
  rotaryTable,
  rotate,
  softmax,
} from '../../src/model-server/vectors.ts';

const anyFloats = (length: number): fc.Arbitrary<Float32Array> =>
  fc.float32Array({ minLength: length, maxLength: length, min: -4, max: 4, noNaN: true });

function close(a: ArrayLike<number>, b: ArrayLike<number>, epsilon = 1e-4): void {
  assert.equal(a.length, b.length);
  Array.from(a, (value, i) => {
    assert.ok(Math.abs(value - (b[i] ?? NaN)) < epsilon, `at ${i}: ${value} and ${b[i] ?? NaN}`);
  });
}

const arena = createArena(1024 * 1024);
const A = arena.allocate(64) ?? NaN;
const B = arena.allocate(64) ?? NaN;
const C = arena.allocate(64) ?? NaN;
const { floats } = arena;
const at = (place: number, length: number): Float32Array => floats.slice(place, place + length);

test('normalise leaves a root mean square of one, times the weights', () => {
  fc.assert(
    fc.property(anyFloats(8), anyFloats(8), (x, weights) => {
      fc.pre(x.some((value) => Math.abs(value) > 0.1));
      floats.set(x, A);
      floats.set(weights, B);
      normalise(floats, { at: B, length: 8, epsilon: 1e-9 }, A, C);

      const rms = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / 8);
      close(
        at(C, 8),
        Array.from(x, (value, i) => (value / rms) * (weights[i] ?? NaN)),
      );
      assert.deepEqual(at(A, 8), x);
    }),
  );
});

test('add works in place', () => {
  floats.set([1, 2, 3], A);
  floats.set([10, 20, 30], B);
  add(floats, A, B, 2);

  assert.deepEqual(Array.from(at(A, 3)), [11, 22, 3]);
});

test('gated is silu times the other, also where silu is all but zero', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(anyReal(), anyReal()), { minLength: 8, maxLength: 8 }),
      (pairs) => {
        floats.set(
          pairs.map(([gate]) => gate),
          A,
        );
        floats.set(
          pairs.map(([, up]) => up),
          B,
        );
        gated(arena, A, B, 8);

        close(
          at(A, 8),
          pairs.map(([gate, up]) => (gate / (1 + Math.exp(-gate))) * up),
          1e-2,
        );
      },
    ),
  );
  floats.set([-1000, 1000, 0, 1], A);
  floats.set([1, 1, 1, 2], B);
  gated(arena, A, B, 4);
  close(at(A, 4), [0, 1000, 0, 2 / (1 + Math.exp(-1))]);
});

function anyReal(): fc.Arbitrary<number> {
  return fc.float({ min: -100, max: 100, noNaN: true });
}

describe('softmax', () => {
  test('is the textbook one over the first scores, and zero behind them', () => {
    fc.assert(
      fc.property(anyFloats(8), fc.integer({ min: 1, max: 8 }), (scores, count) => {
        floats.set(scores, A);
        softmax(arena, A, 0.5, { count, padded: 8 });

        const weights = Array.from(scores.subarray(0, count), (s) => Math.exp(s * 0.5));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        close(
          at(A, 8),
          Array.from({ length: 8 }, (_, i) => (weights[i] ?? 0) / total),
          1e-6,
        );
        assert.ok(
          at(A, 8)
            .subarray(count)
            .every((value) => value === 0),
        );
      }),
    );
  });

  test('what stood behind the scores has no say', () => {
    floats.set([1, 2, NaN, Infinity], A);
    softmax(arena, A, 1, { count: 2, padded: 4 });

    close(at(A, 4), [1 / (1 + Math.E), Math.E / (1 + Math.E), 0, 0]);
  });
});

describe('rotary positions', () => {
  const table = rotaryTable(32, 8, 10_000);
  const dot = (a: Float32Array, b: Float32Array): number =>
    a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
  const rotated = (x: Float32Array, position: number): Float32Array => {
    const copy = Float32Array.from(x);
    rotate(copy, table, position, { at: 0, count: x.length / 8 });
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

  test('only the given heads are rotated', () => {
    const x = Float32Array.from({ length: 24 }, (_, i) => i + 1);
    rotate(x, table, 5, { at: 8, count: 1 });

    assert.deepEqual(
      Array.from(x, (value, i) => value !== i + 1),
      Array.from({ length: 24 }, (_, i) => i >= 8 && i < 16),
    );
  });
});
