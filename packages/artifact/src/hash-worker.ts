/**
 * Hashes files in a worker thread: takes paths, answers with digests and progress.
 *
 * @module
 */
import { parentPort } from 'node:worker_threads';

import { ArtifactError } from './errors.ts';
import { hashFile } from './file-hash.ts';

/** From the pool: one file to hash. */
export interface HashTask {
  readonly id: number;
  readonly file: string;
}

/** To the pool. */
export type HashReply =
  | { readonly kind: 'bytes'; readonly count: number }
  | {
      readonly kind: 'done';
      readonly id: number;
      readonly sha256: string;
      readonly sizeBytes: number;
    }
  | {
      readonly kind: 'failed';
      readonly id: number;
      readonly code: string;
      readonly message: string;
    };

const REPORT_BYTES = 16 * 1024 * 1024;

parentPort?.on('message', ({ id, file }: HashTask) => {
  let unreported = 0;
  const send = (reply: HashReply): void => parentPort?.postMessage(reply);
  try {
    const hashed = hashFile(file, (count) => {
      unreported += count;
      if (unreported < REPORT_BYTES) return;
      send({ kind: 'bytes', count: unreported });
      unreported = 0;
    });
    send({ kind: 'bytes', count: unreported });
    send({ kind: 'done', id, ...hashed });
  } catch (error) {
    const code = error instanceof ArtifactError ? error.code : 'ARTIFACT_UNREADABLE';
    send({ kind: 'failed', id, code, message: error instanceof Error ? error.message : 'failed' });
  }
});
