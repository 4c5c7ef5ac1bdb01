import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createArena } from '../../src/model-server/arena.ts';

const MIB = 1024 * 1024;

test('places are apart, at multiples of four, and start as zeros', () => {
  const arena = createArena(MIB);
  const places = [1, 4, 5, 0, 3].map((length) => arena.allocate(length));

  assert.deepEqual(places, [0, 4, 8, 16, 16]);
  assert.ok(arena.floats.every((value) => value === 0));
});

test('growing keeps what was written', () => {
  const arena = createArena(8 * MIB);
  const at = arena.allocate(4) ?? NaN;
  arena.floats[at] = 42;
  const before = arena.floats;

  const far = arena.allocate(MIB) ?? NaN;
  arena.floats[far + MIB - 1] = 43;

  assert.notEqual(arena.floats, before);
  assert.deepEqual([arena.floats[at], arena.floats[far + MIB - 1]], [42, 43]);
});

test('at the limit the answer is null, and smaller wishes still come true', () => {
  const arena = createArena(MIB);

  assert.equal(arena.allocate(MIB), null);
  assert.equal(arena.allocate(Number.MAX_SAFE_INTEGER), null);
  assert.equal(arena.allocate(Infinity), null);
  assert.equal(arena.allocate(MIB / 4), 0);
  assert.equal(arena.allocate(1), null);
});

test('products and powers work on places', () => {
  const arena = createArena(MIB);
  const [weights = 0, x = 0, out = 0] = [8, 4, 4].map((length) => arena.allocate(length) ?? NaN);
  arena.floats.set([1, 2, 3, 4, 0, 0, 0, 1], weights);
  arena.floats.set([1, 1, 1, 0], x);

  arena.multiply(
    { at: weights, stride: 4 },
    { at: x, stride: 4 },
    { at: out, stride: 4 },
    { rows: 2, tokens: 1, columns: 4 },
  );
  assert.deepEqual([...arena.floats.subarray(out, out + 4)], [6, 0, 0, 0]);
  arena.exponentiate(x, 4);
  assert.equal(arena.floats[x + 3], 1);
  assert.ok(Math.abs((arena.floats[x] ?? 0) - Math.E) < 1e-5);
});
