import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { TokenBuckets } from '../src/token-bucket.ts';

test('a bucket gives its burst, then one token per interval, and says how long to wait', () => {
  const buckets = new TokenBuckets();

  assert.deepEqual(
    [1, 2, 3].map(() => buckets.take('a', 2, 0)),
    [0, 0, 30_000],
  );
  assert.equal(buckets.take('b', 2, 0), 0);
  assert.equal(buckets.take('a', 2, 29_999), 1);
  assert.equal(buckets.take('a', 2, 30_001), 0);
});

test('never more than burst plus rate pass in any sequence of times, also when the clock steps back', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 20_000 }), { maxLength: 60 }), (times) => {
      const buckets = new TokenBuckets();

      const passed = times.filter((atMs) => buckets.take('a', 6, atMs) === 0).length;

      // Each step back lets the time until then count again, so the bound is the path, not the span.
      let path = 0;
      times.forEach((atMs, i) => (path += Math.max(0, atMs - (times[i - 1] ?? atMs))));
      assert.ok(passed <= 6 + (path * 6) / 60_000 + 1);
    }),
  );
});
