/**
 * Hashes files in a worker thread: takes batches of paths, answers with digests and progress.
 *
 * @module
 */
import { closeSync, fstatSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

import { ArtifactError } from './errors.ts';
import { hashDescriptor, hashDescriptorAhead, openWalked } from './file-hash.ts';
import type { HashedFile, OnBytes } from './file-hash.ts';

/** One file to hash: where it is, and its number for the answer. */
export interface HashTask {
  readonly id: number;
  readonly absolute: string;
}

/** To the pool; `done` ends a batch unless `failed` did. */
export type HashReply =
  | { readonly kind: 'bytes'; readonly id: number; readonly count: number }
  | { readonly kind: 'done'; readonly hashed: readonly (HashedFile & { readonly id: number })[] }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

const REPORT_BYTES = 16 * 1024 * 1024;
/** From here on reading ahead gains more than its hand-over costs. */
const AHEAD_BYTES = 64 * 1024 * 1024;

parentPort?.on('message', (batch: readonly HashTask[]) => {
  void hashBatch(batch).then((reply) => parentPort?.postMessage(reply));
});

async function hashBatch(batch: readonly HashTask[]): Promise<HashReply> {
  const hashed: (HashedFile & { readonly id: number })[] = [];
  let unreported = 0;
  const report = (id: number, atLeast: number): void => {
    if (unreported < atLeast) return;
    parentPort?.postMessage({ kind: 'bytes', id, count: unreported } satisfies HashReply);
    unreported = 0;
  };
  try {
    for (const { id, absolute } of batch) {
      const file = await hashWalked(absolute, (count) => {
        unreported += count;
        report(id, REPORT_BYTES);
      });
      hashed.push({ id, ...file });
    }
    const last = batch.at(-1);
    if (last !== undefined) report(last.id, 1);
    return { kind: 'done', hashed };
  } catch (error) {
    const code = error instanceof ArtifactError ? error.code : 'ARTIFACT_UNREADABLE';
    return { kind: 'failed', code, message: error instanceof Error ? error.message : 'failed' };
  }
}

async function hashWalked(absolute: string, onBytes: OnBytes): Promise<HashedFile> {
  const fd = openWalked(absolute);
  try {
    return fstatSync(fd).size < AHEAD_BYTES
      ? hashDescriptor(fd, absolute, onBytes)
      : await hashDescriptorAhead(fd, absolute, onBytes);
  } finally {
    closeSync(fd);
  }
}
