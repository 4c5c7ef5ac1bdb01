import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { LogLock } from '../src/lock.ts';
import { openLog } from '../src/log.ts';
import { memoryLock } from '../src/memory-lock.ts';
import { NOW_MS, ORIGIN, testEntries, testFolder, testSigner, utf8, withCode } from './world.ts';

test('a step sees what the step before it committed', async () => {
  const lock = memoryLock();
  const seen: (Uint8Array | null)[] = [];
  const step = (checkpoint: Uint8Array | null) => (committed: Uint8Array | null) => {
    seen.push(committed);
    return Promise.resolve({ checkpoint, result: seen.length });
  };

  const results = await Promise.all([
    lock.transact(step(utf8('a'))),
    lock.transact(step(null)),
    lock.transact(step(utf8('b'))),
  ]);

  assert.deepEqual(results, [1, 2, 3]);
  assert.deepEqual(seen, [null, utf8('a'), utf8('a')]);
  assert.deepEqual(
    await lock.transact((c) => Promise.resolve({ checkpoint: null, result: c })),
    utf8('b'),
  );
});

test('steps do not overlap', async () => {
  const lock = memoryLock();
  let inside = 0;

  await Promise.all(
    Array.from({ length: 10 }, () =>
      lock.transact(async () => {
        inside += 1;
        assert.equal(inside, 1);
        await new Promise((resolve) => setImmediate(resolve));
        inside -= 1;
        return { checkpoint: null, result: null };
      }),
    ),
  );
});

test('a step that fails commits nothing and holds nobody up', async () => {
  const lock = memoryLock(utf8('a'));

  await assert.rejects(
    lock.transact(() => Promise.reject(new Error('no'))),
    /no/,
  );

  assert.deepEqual(
    await lock.transact((c) => Promise.resolve({ checkpoint: null, result: c })),
    utf8('a'),
  );
});

test('when a commit does not answer the log says so, and goes on from what is committed', async (t) => {
  const inner = memoryLock();
  let silent = false;
  const lock: LogLock = {
    transact: async (step) => {
      const result = await inner.transact(step);
      if (silent) throw new Error('no answer');
      return result;
    },
  };
  const log = await openLog({
    directory: testFolder(t),
    origin: ORIGIN,
    signer: testSigner('log'),
    lock,
    clock: () => NOW_MS,
  });
  await log.published();

  silent = true;
  await assert.rejects(log.append(testEntries(2)), withCode('TLOG_APPEND_UNKNOWN'));
  silent = false;

  assert.equal((await log.append(testEntries(1, 2))).firstIndex, 2);
  await log.close();
});
