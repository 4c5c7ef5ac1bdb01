/**
 * SHA-256 of one file through one descriptor, with bounded memory.
 *
 * Opened without following a link; what was opened is what is hashed. A file that grew, shrank or
 * was written while it was read is refused.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

import { excerpt } from '@proofmark/core';

import { ArtifactError } from './errors.ts';

const CHUNK_BYTES = 1 << 20;

export interface HashedFile {
  readonly sha256: string;
  readonly sizeBytes: number;
}

/**
 * Hashes `file`; `onBytes` hears of every chunk (its length in bytes).
 *
 * @throws {ArtifactError} ARTIFACT_UNREADABLE, ARTIFACT_FILE_KIND_REFUSED, ARTIFACT_CHANGED
 */
export function hashFile(
  file: string,
  onBytes: (count: number) => void = () => undefined,
): HashedFile {
  const fd = openFile(file);
  try {
    return hashDescriptor(fd, file, onBytes);
  } finally {
    closeSync(fd);
  }
}

/** Opens a regular file for reading, never through a link, never a pipe. */
export function openFile(file: string): number {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    throw new ArtifactError(
      'ARTIFACT_UNREADABLE',
      `cannot read ${excerpt(file)}: ${cause instanceof Error ? excerpt(cause.message) : 'unreadable'}`,
      { cause },
    );
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw new ArtifactError(
    'ARTIFACT_FILE_KIND_REFUSED',
    `cannot read ${excerpt(file)}: it is not a regular file`,
  );
}

/** Hashes from the start of an open file, whatever its position. `name` is for messages. */
export function hashDescriptor(
  fd: number,
  name: string,
  onBytes: (count: number) => void = () => undefined,
): HashedFile {
  const before = fstatSync(fd, { bigint: true });
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(
    Number(before.size < BigInt(CHUNK_BYTES) ? before.size : BigInt(CHUNK_BYTES)) + 1,
  );
  let sizeBytes = 0;
  for (;;) {
    const count = readSync(fd, buffer, 0, buffer.length, sizeBytes);
    if (count === 0) break;
    hash.update(buffer.subarray(0, count));
    sizeBytes += count;
    onBytes(count);
  }
  const after = fstatSync(fd, { bigint: true });
  if (
    after.size !== before.size ||
    BigInt(sizeBytes) !== before.size ||
    after.mtimeNs !== before.mtimeNs ||
    after.ctimeNs !== before.ctimeNs
  ) {
    throw new ArtifactError(
      'ARTIFACT_CHANGED',
      `cannot hash ${excerpt(name)}: it changed while it was read; stop what writes to it`,
    );
  }
  return { sha256: hash.digest('hex'), sizeBytes };
}
