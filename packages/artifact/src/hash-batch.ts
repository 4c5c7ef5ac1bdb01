/**
 * Hashes a batch of walked files, one after the other, giving way to other work in between.
 *
 * The same code runs in the caller's thread and in the workers.
 *
 * @module
 */
import { closeSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { hashDescriptor, hashDescriptorAhead, openWalked } from './file-hash.ts';
import type { HashedFile } from './file-hash.ts';

/** One file to hash: where it is, and its number for the answer. */
export interface HashTask {
  readonly id: number;
  readonly absolute: string;
  /** As it was walked: chooses how to read, and proves nothing. */
  readonly sizeBytes: number;
}

export interface HashedTask extends HashedFile {
  readonly id: number;
}

/** Hears of every chunk: of which file, and its length in bytes. May throw to stop the work. */
export type OnFileBytes = (id: number, count: number) => void;

/** From here on reading ahead gains more than its hand-over costs. */
const AHEAD_BYTES = 64 * 1024 * 1024;
const TURN_BYTES = 1024 * 1024;

/** @throws {ArtifactError} ARTIFACT_UNREADABLE, ARTIFACT_FILE_KIND_REFUSED, ARTIFACT_CHANGED */
export async function hashBatch(
  batch: readonly HashTask[],
  onBytes: OnFileBytes,
): Promise<readonly HashedTask[]> {
  const hashed: HashedTask[] = [];
  let sinceTurn = 0;
  for (const { id, absolute, sizeBytes } of batch) {
    const fd = openWalked(absolute);
    try {
      const onChunk = (count: number): void => onBytes(id, count);
      const file =
        sizeBytes < AHEAD_BYTES
          ? hashDescriptor(fd, absolute, onChunk)
          : await hashDescriptorAhead(fd, absolute, onChunk);
      hashed.push({ id, ...file });
      sinceTurn += file.sizeBytes;
    } finally {
      closeSync(fd);
    }
    if (sinceTurn < TURN_BYTES) continue;
    sinceTurn = 0;
    await nextTurn();
  }
  return hashed;
}
