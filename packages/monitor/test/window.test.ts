import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { Window } from '../src/window.ts';

const at = (item: { readonly atMs: number }): number => item.atMs;

test('a window gives exactly the items of the asked age, the present included', () => {
  const window = new Window({ maxAgeMs: 100, maxItems: 10 }, at);
  for (const atMs of [1, 50, 90, 100]) window.add({ atMs }, 100);

  assert.deepEqual(window.last(50, 100).map(at), [90, 100]);
  assert.deepEqual(window.last(1000, 100).map(at), [1, 50, 90, 100]);
  assert.deepEqual(window.last(1000, 150).map(at), [90, 100]);
});

test('items from the future or older than the window are not taken', () => {
  const window = new Window({ maxAgeMs: 100, maxItems: 10 }, at);

  window.add({ atMs: 201 }, 200);
  window.add({ atMs: 100 }, 200);

  assert.deepEqual(window.last(1000, 200), []);
});

test('a window never keeps more than twice its bound, gives at most the bound, and counts the rest', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 100 }), (max, count) => {
      const window = new Window({ maxAgeMs: 1000, maxItems: max }, at);

      for (let i = 0; i < count; i += 1) window.add({ atMs: 500 + i }, 900);
      const kept = window.last(1000, 900).map(at);

      assert.equal(kept.length, Math.min(count, max));
      assert.equal(window.dropped, Math.max(0, count - max));
      assert.equal(kept.at(-1), count === 0 ? undefined : 500 + count - 1);
    }),
  );
});

test('a window without size is refused', () => {
  assert.throws(() => new Window({ maxAgeMs: 0, maxItems: 1 }, at), {
    code: 'MONITOR_CONFIG_INVALID',
  });
  assert.throws(() => new Window({ maxAgeMs: 1, maxItems: 0 }, at), {
    code: 'MONITOR_CONFIG_INVALID',
  });
});
