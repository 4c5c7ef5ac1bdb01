import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bootstrap } from '@proofmark/evals';

const mean = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length;

test('bootstrap() surrounds the figure, repeats exactly for a seed and moves with it', () => {
  const rows = Array.from({ length: 200 }, (_, i) => i % 10);

  const first = bootstrap(rows, mean, { seed: 1 });

  assert.ok(first.low < 4.5 && first.high > 4.5 && first.high - first.low < 1.5);
  assert.deepEqual(bootstrap(rows, mean, { seed: 1 }), first);
  assert.notDeepEqual(bootstrap(rows, mean, { seed: 2 }), first);
});

test('bootstrap() of nothing is NaN, not an interval', () => {
  assert.ok(Number.isNaN(bootstrap([], mean).low));
});
