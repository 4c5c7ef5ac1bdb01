import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createBatchWriter } from '../../src/serving/batch-writer.ts';

test('rows are written in order, in batches, and all of them by close', async () => {
  const batches: number[][] = [];
  const writer = createBatchWriter<number>({
    write: (rows) => {
      batches.push([...rows]);
      return Promise.resolve();
    },
    onLoss: () => assert.fail('nothing is lost'),
    intervalMs: 60_000,
  });

  writer.add(1);
  writer.add(2);
  await writer.flush();
  writer.add(3);
  await writer.close();

  assert.deepEqual(batches, [[1, 2], [3]]);
  assert.equal(writer.lost(), 0);
});

test('a full queue and a store that refuses are losses that are told and counted', async () => {
  const told: [number, string][] = [];
  const writer = createBatchWriter<number>({
    write: () => Promise.reject(new Error('disk full')),
    onLoss: (lost, why) => told.push([lost, why]),
    intervalMs: 60_000,
    maxQueue: 2,
  });

  for (const row of [1, 2, 3]) writer.add(row);
  await writer.close();

  assert.deepEqual(told, [
    [1, 'the queue is full'],
    [2, 'disk full'],
  ]);
  assert.equal(writer.lost(), 3);
});
