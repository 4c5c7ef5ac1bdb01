import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AppendQueue } from '../src/append-queue.ts';
import type { Appended, Batch } from '../src/append-queue.ts';
import { testEntries, utf8, withCode } from './world.ts';

/** A queue over a list, with a gate that holds every commit until it is opened. */
function listQueue(maxPendingEntries = 1000): {
  queue: AppendQueue;
  batches: Batch[];
  open: () => void;
} {
  const batches: Batch[] = [];
  const gate = Promise.withResolvers<undefined>();
  let size = 0;
  const commit = async (batch: Batch): Promise<Appended> => {
    batches.push(batch);
    await gate.promise;
    const firstIndex = size;
    size += batch.entries.length;
    return { firstIndex, checkpoint: utf8(String(size)) };
  };
  return {
    queue: new AppendQueue({ commit, maxPendingEntries }),
    batches,
    open: () => gate.resolve(undefined),
  };
}

test('calls of one turn share a batch, and so do those that wait for it', async () => {
  const { queue, batches, open } = listQueue();

  const first = [queue.add(testEntries(2)), queue.add(testEntries(1))];
  await new Promise((resolve) => setImmediate(resolve));
  const second = [queue.add(testEntries(3)), queue.add(testEntries(1))];
  open();
  const indices = (await Promise.all([...first, ...second])).map((a) => a.firstIndex);

  assert.deepEqual(indices, [0, 2, 3, 6]);
  assert.deepEqual(
    batches.map((b) => b.entries.length),
    [3, 4],
  );
});

test('all calls of a batch get the checkpoint that covers it', async () => {
  const { queue, open } = listQueue();
  open();

  const done = await Promise.all([queue.add(testEntries(2)), queue.add(testEntries(1))]);

  assert.deepEqual(
    done.map((a) => Buffer.from(a.checkpoint).toString()),
    ['3', '3'],
  );
});

test('a batch holds at most 65,536 entries and 64 MiB, and a call is never split', async () => {
  const { queue, batches, open } = listQueue(1_000_000);
  const tiny = utf8('x');
  const large = new Uint8Array(65_535);
  open();

  await Promise.all([
    queue.add(Array.from({ length: 40_000 }, () => tiny)),
    queue.add(Array.from({ length: 25_536 }, () => tiny)),
    queue.add(Array.from({ length: 1023 }, () => large)),
    queue.add([large, new Uint8Array(1024)]),
    queue.add([tiny]),
  ]);

  assert.deepEqual(
    batches.map((b) => b.entries.length),
    [65_536, 1025, 1],
  );
});

test('entries are copied: the caller may reuse its buffer', async () => {
  const { queue, batches, open } = listQueue();
  const buffer = utf8('before');

  const done = queue.add([buffer]);
  buffer.fill(0);
  open();
  await done;

  assert.equal(Buffer.from(batches[0]?.entries[0] ?? []).toString(), 'before');
});

test('what cannot be logged is refused before it waits', async () => {
  const { queue, batches } = listQueue(1_000_000);
  const large = new Uint8Array(65_535);
  const refused: readonly (readonly Uint8Array[])[] = [
    [],
    [new Uint8Array(0)],
    [utf8('x'), new Uint8Array(65_536)],
    Array.from({ length: 65_537 }, () => utf8('x')),
    [...Array.from({ length: 1024 }, () => large), new Uint8Array(1025)],
  ];

  for (const entries of refused) {
    await assert.rejects(queue.add(entries), withCode('TLOG_ENTRY_INVALID'));
  }
  assert.deepEqual(batches, []);
});

test('the largest entry and the largest calls are accepted', async () => {
  const { queue, open } = listQueue(1_000_000);
  open();

  await queue.add([new Uint8Array(65_535)]);
  await queue.add(Array.from({ length: 65_536 }, () => utf8('x')));
  const large = new Uint8Array(65_535);
  await queue.add([...Array.from({ length: 1024 }, () => large), new Uint8Array(1024)]);
});

test('beyond the bound of waiting entries the queue says so, and recovers', async () => {
  const { queue, open } = listQueue(3);

  const waiting = queue.add(testEntries(3));
  await assert.rejects(queue.add(testEntries(1)), withCode('TLOG_BUSY'));
  open();
  await waiting;

  for (const at of [3, 6]) assert.equal((await queue.add(testEntries(3))).firstIndex, at);
  await assert.rejects(queue.add(testEntries(4)), withCode('TLOG_BUSY'));
});

test('close() waits for what was accepted and then refuses', async () => {
  const { queue, open } = listQueue();

  const done: string[] = [];
  const waiting = queue.add(testEntries(1)).then(({ firstIndex }) => done.push(`at ${firstIndex}`));
  const closed = queue.close().then(() => done.push('closed'));
  await assert.rejects(queue.add(testEntries(1)), withCode('TLOG_CLOSED'));
  open();
  await Promise.all([closed, waiting]);

  assert.deepEqual(done, ['at 0', 'closed']);
});

test('a batch that fails fails its calls only', async () => {
  let count = 0;
  const queue = new AppendQueue({
    commit: () => {
      count += 1;
      return count === 1
        ? Promise.reject(new Error('disk full'))
        : Promise.resolve({ firstIndex: 0, checkpoint: utf8('1') });
    },
    maxPendingEntries: 10,
  });

  const failed = await Promise.allSettled([queue.add(testEntries(1)), queue.add(testEntries(1))]);

  assert.deepEqual(
    failed.map((f) => f.status),
    ['rejected', 'rejected'],
  );
  assert.equal((await queue.add(testEntries(10))).firstIndex, 0);
});
