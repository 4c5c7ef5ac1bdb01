import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Worker } from 'node:worker_threads';

import type { WorkerReply } from '../../src/encoder/worker.ts';
import { withoutRuntime } from './runtime-installed.ts';

const FILE = path.join(import.meta.dirname, '../../src/encoder/worker.ts');

async function firstReply(file: string): Promise<WorkerReply> {
  const worker = new Worker(file, { workerData: { model: new Uint8Array(10), threads: 1 } });
  const [reply] = (await once(worker, 'message')) as [WorkerReply];
  await worker.terminate();
  return reply;
}

describe('worker', () => {
  test('where the runtime is not installed it says so instead of dying', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'encoder-worker-'));
    const copy = path.join(folder, 'worker.ts');
    copyFileSync(FILE, copy);

    const reply = await firstReply(copy);

    rmSync(folder, { recursive: true });
    assert.deepEqual(reply, { kind: 'unable', why: 'no runtime' });
  });

  test(
    'weights the runtime refuses are told apart from a missing runtime',
    { skip: withoutRuntime },
    async () => {
      assert.deepEqual(await firstReply(FILE), { kind: 'unable', why: 'weights refused' });
    },
  );
});
