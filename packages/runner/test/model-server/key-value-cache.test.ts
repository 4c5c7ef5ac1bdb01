import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { createArena } from '../../src/model-server/arena.ts';
import type { Arena } from '../../src/model-server/arena.ts';
import { ServeError } from '../../src/model-server/errors.ts';
import { createKeyValueCache, roundUp } from '../../src/model-server/key-value-cache.ts';
import type { KeyValueCache } from '../../src/model-server/key-value-cache.ts';

const WIDTH = 3;
const LAYERS = 2;

function make(maxSlots = 3): { arena: Arena; cache: KeyValueCache; rows: number } {
  const arena = createArena(1024 * 1024);
  const shape = { layers: LAYERS, width: WIDTH, positions: 10, maxSlots };
  return {
    arena,
    cache: createKeyValueCache(arena, shape),
    rows: arena.allocate(10 * WIDTH) ?? NaN,
  };
}

test('slots are counted, given again, and end', () => {
  const { cache } = make(2);
  const [a, b] = [cache.take(), cache.take()];

  assert.notEqual(a, b);
  assert.equal(cache.free, 0);
  assert.throws(
    () => cache.take(),
    (e) => e instanceof ServeError && e.code === 'overloaded',
  );
  cache.give(a);
  assert.equal(cache.free, 1);
  assert.equal(cache.take(), a);
});

test('memory that ends is overload too', () => {
  const shape = { layers: 1, width: 4, positions: 1200, maxSlots: 100 };
  const cache = createKeyValueCache(createArena(70_000), shape);
  cache.take();

  assert.throws(() => cache.take(), ServeError);
});

test('keys and values of slots and layers lie apart', () => {
  const { cache } = make();
  const slots = [cache.take(), cache.take()];
  const starts = slots.flatMap((slot) =>
    [0, 1].flatMap((layer) => [cache.keys(slot, layer).at, cache.values(slot, layer).at]),
  );
  const ordered = starts.toSorted((a, b) => a - b);

  ordered.slice(1).forEach((at, i) => assert.ok(at - (ordered[i] ?? 0) >= roundUp(10) * WIDTH));
});

test('values are turned over, and the group of four after them is zero', () => {
  fc.assert(
    fc.property(fc.nat(6), fc.integer({ min: 1, max: 3 }), (position, count) => {
      const { arena, cache, rows } = make();
      const slot = cache.take();
      const { at, stride } = cache.values(slot, 1);
      arena.floats.fill(NaN, slot, slot + 2 * LAYERS * stride * WIDTH);
      for (let i = 0; i < count * WIDTH; i += 1) arena.floats[rows + i] = i + 1;

      cache.storeValues({ slot, layer: 1, position, count }, { at: rows, stride: WIDTH });

      for (let i = 0; i < WIDTH; i += 1) {
        const row = Array.from(arena.floats.subarray(at + i * stride, at + (i + 1) * stride));
        assert.deepEqual(row, [
          ...Array<number>(position).fill(NaN),
          ...Array.from({ length: count }, (_, t) => t * WIDTH + i + 1),
          ...Array<number>(roundUp(position + count) - position - count).fill(0),
          ...Array<number>(stride - roundUp(position + count)).fill(NaN),
        ]);
      }
    }),
  );
});

test('a copy has the first positions of every layer and no others', () => {
  const { arena, cache } = make();
  const [from, to] = [cache.take(), cache.take()];
  arena.floats.fill(1, from, to);

  cache.copy(from, to, 3);

  for (const layer of [0, 1]) {
    const keys = cache.keys(to, layer);
    const values = cache.values(to, layer);
    const ofKeys = arena.floats.subarray(keys.at, keys.at + 10 * WIDTH);
    const ofValues = arena.floats.subarray(values.at, values.at + values.stride * WIDTH);
    assert.deepEqual(
      Array.from(ofKeys),
      Array.from({ length: 10 * WIDTH }, (_, i) => (i < 3 * WIDTH ? 1 : 0)),
    );
    assert.deepEqual(
      Array.from(ofValues),
      Array.from(ofValues, (_, i) => (i % values.stride < 3 ? 1 : 0)),
    );
  }
});
