import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { createKernel, createMemory } from '../../src/model-server/wasm-kernel.ts';

const memory = createMemory(1);
const { exponentiate } = createKernel(memory);
const floats = new Float32Array(memory.buffer);

function powers(values: readonly number[]): number[] {
  floats.fill(7);
  floats.set(values, 4);
  exponentiate(16, Math.ceil(values.length / 4) * 16);
  return Array.from(floats.subarray(4, 4 + values.length));
}

test('powers of e are right to one part in a million', () => {
  const any = fc.float({ min: -87, max: 88, noNaN: true });
  fc.assert(
    fc.property(fc.array(any, { minLength: 1, maxLength: 40 }), (values) => {
      powers(values).forEach((power, i) => {
        const right = Math.exp(values[i] ?? NaN);
        assert.ok(Math.abs(power - right) <= 1e-6 * right, `${values[i]}: ${power}, not ${right}`);
      });
    }),
    { numRuns: 500 },
  );
});

test('zero gives exactly one, whatever lies outside has the value at the bound, NaN stays', () => {
  const [one, low, lowest, high, highest, none] = powers([
    0,
    -1000,
    -87,
    1000,
    88,
    NaN,
    -Infinity,
    Infinity,
  ]);

  assert.equal(one, 1);
  assert.equal(low, lowest);
  assert.equal(high, highest);
  assert.ok(Number.isNaN(none));
});

test('nothing beside the given floats is touched', () => {
  powers([1, 2, 3, 4]);

  assert.deepEqual([floats[3], floats[8]], [7, 7]);
});
