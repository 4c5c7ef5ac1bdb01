import assert from 'node:assert/strict';
import { test } from 'node:test';

import { keepTelemetry } from '../../src/serving/retention.ts';

const DAY_MS = 86_400_000;

test('rows older than the days that are kept go at start', async () => {
  const asked: number[] = [];
  const end = keepTelemetry({
    store: {
      prune(before) {
        asked.push(before);
        return Promise.resolve(0);
      },
    },
    days: 30,
    clock: () => 100 * DAY_MS,
    tell: assert.fail,
  });

  await end();

  assert.deepEqual(asked, [70 * DAY_MS]);
});

test('a store that cannot delete is told, and serving goes on', async () => {
  const told: string[] = [];
  const end = keepTelemetry({
    store: { prune: () => Promise.reject(new Error('disk I/O error')) },
    days: 1,
    clock: () => 0,
    tell: (line) => told.push(line),
  });

  await end();

  assert.match(told.join('\n'), /could not be deleted: disk I\/O error/);
});
