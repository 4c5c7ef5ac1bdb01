/**
 * A worker thread that hashes: takes batches of paths, answers with digests and progress.
 *
 * @module
 */
import { parentPort } from 'node:worker_threads';

import { ArtifactError } from './errors.ts';
import { hashBatch } from './hash-batch.ts';
import type { HashTask, HashedTask } from './hash-batch.ts';

/** To the pool; `done` or `failed` ends a batch. */
export type HashReply =
  | { readonly kind: 'bytes'; readonly id: number; readonly count: number }
  | { readonly kind: 'done'; readonly hashed: readonly HashedTask[] }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

const REPORT_BYTES = 16 * 1024 * 1024;

parentPort?.on('message', (batch: readonly HashTask[]) => {
  void answer(batch).then(send);
});

async function answer(batch: readonly HashTask[]): Promise<HashReply> {
  let unreported = 0;
  const report = (id: number): void => {
    if (unreported > 0) send({ kind: 'bytes', id, count: unreported });
    unreported = 0;
  };
  try {
    const hashed = await hashBatch(batch, (id, count) => {
      unreported += count;
      if (unreported >= REPORT_BYTES) report(id);
    });
    report(batch.at(-1)?.id ?? 0);
    return { kind: 'done', hashed };
  } catch (error) {
    const code = error instanceof ArtifactError ? error.code : 'ARTIFACT_UNREADABLE';
    return { kind: 'failed', code, message: error instanceof Error ? error.message : 'failed' };
  }
}

function send(reply: HashReply): void {
  parentPort?.postMessage(reply);
}
