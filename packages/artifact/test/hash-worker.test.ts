import assert from 'node:assert/strict';
import { once } from 'node:events';
import { realpathSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

import { sha256Hex } from '@proofmark/core';

import { hashFile } from '../src/file-hash.ts';
import type { HashTask } from '../src/hash-batch.ts';
import type { HashReply } from '../src/hash-worker.ts';
import { modelFolder } from './model-folder.ts';

/** Large enough to be read ahead. */
const LARGE = 70 * 1024 * 1024;

async function ask(batch: readonly HashTask[]): Promise<HashReply[]> {
  const worker = new Worker(new URL('../src/hash-worker.ts', import.meta.url));
  const replies: HashReply[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  worker.on('message', (reply: HashReply) => {
    replies.push(reply);
    if (reply.kind !== 'bytes') resolve();
  });
  worker.postMessage(batch);
  await Promise.race([promise, once(worker, 'exit')]);
  await worker.terminate();
  return replies;
}

test('a batch is answered with progress that adds up and every digest under its number', async () => {
  const folder = realpathSync(modelFolder({ a: 'first', b: 'second' }));
  const large = path.join(folder, 'large');
  writeFileSync(large, 'x');
  truncateSync(large, LARGE);

  const replies = await ask([
    { id: 7, absolute: path.join(folder, 'a'), sizeBytes: 5 },
    { id: 9, absolute: large, sizeBytes: LARGE },
    { id: 3, absolute: path.join(folder, 'b'), sizeBytes: 6 },
  ]);

  const counted = replies.flatMap((reply) => (reply.kind === 'bytes' ? [reply.count] : []));
  assert.equal(
    counted.reduce((sum, count) => sum + count, 0),
    5 + LARGE + 6,
  );
  assert.deepEqual(replies.at(-1), {
    kind: 'done',
    hashed: [
      { id: 7, sha256: sha256Hex('first'), sizeBytes: 5 },
      { id: 9, ...hashFile(large) },
      { id: 3, sha256: sha256Hex('second'), sizeBytes: 6 },
    ],
  });
});

test('a file that cannot be read fails the batch with its code', async () => {
  const [reply] = await ask([{ id: 0, absolute: '/nonexistent', sizeBytes: 1 }]);

  assert.equal(reply?.kind, 'failed');
  assert.equal(reply.code, 'ARTIFACT_UNREADABLE');
});
