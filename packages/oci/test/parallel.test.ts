import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

import { TRANSFERS, inParallel } from '../src/parallel.ts';

test('everything is done, a few at once', async () => {
  const done: number[] = [];
  let running = 0;
  let most = 0;

  await inParallel([...Array(20).keys()], undefined, async (item) => {
    running += 1;
    most = Math.max(most, running);
    await turn();
    running -= 1;
    done.push(item);
  });

  assert.deepEqual(
    done.toSorted((a, b) => a - b),
    [...Array(20).keys()],
  );
  assert.equal(most, TRANSFERS);
});

test('the first failure stops the others, and nothing runs after it is told', async () => {
  const failure = new Error('first');
  let running = 0;
  const begun: number[] = [];

  await assert.rejects(
    inParallel([...Array(20).keys()], undefined, async (item, signal) => {
      begun.push(item);
      running += 1;
      try {
        if (item === 2) throw failure;
        while (!signal.aborted) await turn();
        signal.throwIfAborted();
      } finally {
        running -= 1;
      }
    }),
    failure,
  );

  assert.equal(running, 0);
  assert.equal(begun.length, TRANSFERS);
});

test('a signal from outside reaches the work', async () => {
  const outside = AbortSignal.abort();

  await inParallel([1], outside, (_item, signal) => {
    assert.ok(signal.aborted);
    return Promise.resolve();
  });
});
