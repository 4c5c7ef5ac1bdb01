import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { createKernel, createMemory, kernelBytes } from '../../src/model-server/wasm-kernel.ts';

const memory = createMemory(4);
memory.grow(3);
const { multiply } = createKernel(memory);
const floats = new Float32Array(memory.buffer);

interface Case {
  readonly rows: number;
  readonly tokens: number;
  readonly columns: number;
  /** Floats between the end of one row and the start of the next. */
  readonly gap: number;
  readonly seed: number;
}

const anyCase: fc.Arbitrary<Case> = fc.record({
  rows: fc.integer({ min: 0, max: 21 }),
  tokens: fc.integer({ min: 0, max: 7 }),
  columns: fc.integer({ min: 1, max: 8 }).map((n) => n * 4),
  gap: fc.integer({ min: 0, max: 5 }),
  seed: fc.integer({ min: 1, max: 1_000_000 }),
});

const WEIGHTS = 0;
const X = 8192;
const OUT = 16_384;
const UNTOUCHED = 12_345;

function fill({ seed }: Case): void {
  let state = seed;
  for (let i = 0; i < OUT; i += 1) {
    state = (state * 48_271) % 2_147_483_647;
    floats[i] = state / 2_147_483_647 - 0.5;
  }
  floats.fill(UNTOUCHED, OUT);
}

/** The product of tokens `from` to `to`, one row of results per token. */
function product(size: Case, from = 0, to = size.tokens): number[][] {
  const stride = size.columns + size.gap;
  const outStride = size.rows + size.gap;
  floats.fill(UNTOUCHED, OUT);
  multiply(
    WEIGHTS * 4,
    stride * 4,
    (X + from * stride) * 4,
    stride * 4,
    OUT * 4,
    outStride * 4,
    size.rows,
    to - from,
    size.columns * 4,
  );
  return Array.from({ length: to - from }, (_, t) =>
    Array.from(floats.subarray(OUT + t * outStride, OUT + t * outStride + size.rows)),
  );
}

test('every row times every token is the textbook sum, for any size and stride', () => {
  fc.assert(
    fc.property(anyCase, (size) => {
      fill(size);
      const stride = size.columns + size.gap;

      product(size).forEach((row, t) => {
        row.forEach((value, r) => {
          let sum = 0;
          for (let i = 0; i < size.columns; i += 1) {
            sum += (floats[r * stride + i] ?? NaN) * (floats[X + t * stride + i] ?? NaN);
          }
          assert.ok(Math.abs(value - sum) < 1e-5, `row ${r} token ${t}: ${value}, not ${sum}`);
        });
      });
    }),
  );
});

test('only the results are written', () => {
  fc.assert(
    fc.property(anyCase, (size) => {
      fill(size);
      product(size);

      const changed = floats.subarray(OUT).reduce((n, x) => n + (x === UNTOUCHED ? 0 : 1), 0);
      assert.equal(changed, size.rows * size.tokens);
    }),
  );
});

test('a token alone gives the same bits as the token in a block', () => {
  fc.assert(
    fc.property(anyCase, (size) => {
      fill(size);
      const together = product(size);

      assert.deepEqual(
        together,
        together.map((_, t) => product(size, t, t + 1)[0]),
      );
    }),
  );
});

test('further columns where a token is zero change no bit', () => {
  fc.assert(
    fc.property(anyCase, (size) => {
      fill(size);
      const narrow = { ...size, gap: size.gap + 4 };
      const wide = { ...size, columns: size.columns + 4 };
      const stride = wide.columns + wide.gap;
      for (let t = 0; t < size.tokens; t += 1) {
        floats.fill(0, X + t * stride + size.columns, X + (t + 1) * stride);
      }

      assert.deepEqual(product(wide), product(narrow));
    }),
  );
});

test('the module is a few kilobytes and the same every time', () => {
  assert.ok(kernelBytes().length < 4096);
  assert.deepEqual(kernelBytes(), kernelBytes());
});
