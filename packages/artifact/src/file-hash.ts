/**
 * SHA-256 of one file through one descriptor, with bounded memory.
 *
 * Opened without following a link; what was opened is what is hashed. A file that grew, shrank or
 * was written while it was read is refused, as far as size and times tell: a store through a shared
 * memory mapping can leave both alone, which is why bytes that must not change are sealed first.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  read,
  readSync,
  readlinkSync,
} from 'node:fs';
import type { BigIntStats } from 'node:fs';

import { excerpt } from '@proofmark/core';

import { ArtifactError } from './errors.ts';

/** Stays in the cache of one core: larger ones make each read several times dearer. */
const CHUNK_BYTES = 1 << 18;
/** Read by another thread, where a larger piece saves hand-overs. */
const AHEAD_BYTES = 1 << 20;
const CHUNKS_AHEAD = 4;
const DESCRIPTORS = '/proc/self/fd';
const hasDescriptorNames = existsSync(DESCRIPTORS);

export interface HashedFile {
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** Hears of every chunk: its length in bytes. */
export type OnBytes = (count: number) => void;

/**
 * Hashes `file`.
 *
 * @throws {ArtifactError} ARTIFACT_UNREADABLE, ARTIFACT_FILE_KIND_REFUSED, ARTIFACT_CHANGED
 */
export function hashFile(file: string, onBytes: OnBytes = () => undefined): HashedFile {
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
    throw unreadable(file, cause);
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw new ArtifactError(
    'ARTIFACT_FILE_KIND_REFUSED',
    `cannot read ${excerpt(file)}: it is not a regular file`,
  );
}

/**
 * Opens a file that was walked, by its path without links.
 *
 * `O_NOFOLLOW` guards the last part of a path only. Where the kernel tells what a descriptor is
 * called, a folder on the way that became a link since the walk is noticed here.
 *
 * @throws {ArtifactError} those of `openFile`, and ARTIFACT_CHANGED
 */
export function openWalked(absolute: string): number {
  const fd = openFile(absolute);
  if (!hasDescriptorNames || readlinkSync(`${DESCRIPTORS}/${fd}`) === absolute) return fd;
  closeSync(fd);
  throw changed(absolute, 'a folder on its way was replaced');
}

/** Kept from file to file: a new one for each would cost as much as hashing it. */
let spareChunk: Buffer | null = null;

/** Hashes from the start of an open file, whatever its position. `name` is for messages. */
export function hashDescriptor(
  fd: number,
  name: string,
  onBytes: OnBytes = () => undefined,
): HashedFile {
  const before = fstatSync(fd, { bigint: true });
  const hash = createHash('sha256');
  const buffer = spareChunk ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
  spareChunk = null; // taken, in case `onBytes` hashes too
  let sizeBytes = 0;
  try {
    for (;;) {
      const count = readChunkSync(fd, buffer, sizeBytes);
      if (count === 0) break;
      hash.update(buffer.subarray(0, count));
      sizeBytes += count;
      onBytes(count);
    }
  } finally {
    spareChunk = buffer;
  }
  requireUnchanged({ fd, name, before, sizeBytes });
  return { sha256: hash.digest('hex'), sizeBytes };
}

/**
 * The same, with the next chunks read while one is hashed: for one large file, where no other file
 * keeps the second core busy. Four megabytes are on their way, because the time between a chunk and
 * the next would otherwise be spent waiting for the thread that reads.
 */
export async function hashDescriptorAhead(
  fd: number,
  name: string,
  onBytes: OnBytes = () => undefined,
): Promise<HashedFile> {
  const before = fstatSync(fd, { bigint: true });
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const use = (chunk: Uint8Array): void => {
    hash.update(chunk);
    sizeBytes += chunk.length;
    onBytes(chunk.length);
  };
  const waiting = Array.from({ length: CHUNKS_AHEAD }, (_, i) =>
    startRead(fd, Buffer.allocUnsafeSlow(AHEAD_BYTES), i * AHEAD_BYTES),
  );
  let position = CHUNKS_AHEAD * AHEAD_BYTES;
  try {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const count = await next.count;
      if (count > 0) use(next.buffer.subarray(0, count));
      if (count < AHEAD_BYTES) break; // the end, or a short read: what follows starts elsewhere
      waiting.push(startRead(fd, next.buffer, position));
      position += AHEAD_BYTES;
    }
  } finally {
    await Promise.allSettled(waiting.map((read) => read.count)); // the caller closes the descriptor
  }
  const rest = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  for (;;) {
    const count = readChunkSync(fd, rest, sizeBytes);
    if (count === 0) break;
    use(rest.subarray(0, count));
  }
  requireUnchanged({ fd, name, before, sizeBytes });
  return { sha256: hash.digest('hex'), sizeBytes };
}

interface PendingRead {
  readonly buffer: Buffer;
  readonly count: Promise<number>;
}

function startRead(fd: number, buffer: Buffer, position: number): PendingRead {
  const count = readChunk(fd, buffer, position);
  // Whoever waits hears of a failure; before that it is nobody's unhandled rejection.
  count.catch(() => undefined);
  return { buffer, count };
}

function readChunkSync(fd: number, buffer: Buffer, position: number): number {
  try {
    return readSync(fd, buffer, 0, buffer.length, position);
  } catch (cause) {
    throw unreadable('the file', cause);
  }
}

/** Reads at a position without holding up this thread. @throws {ArtifactError} ARTIFACT_UNREADABLE */
export function readChunk(fd: number, buffer: Buffer, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, buffer, 0, buffer.length, position, (error, count) => {
      if (error === null) resolve(count);
      else reject(unreadable('the file', error));
    });
  });
}

interface Reading {
  readonly fd: number;
  readonly name: string;
  readonly before: BigIntStats;
  readonly sizeBytes: number;
}

function requireUnchanged({ fd, name, before, sizeBytes }: Reading): void {
  const after = fstatSync(fd, { bigint: true });
  const isSame =
    after.size === before.size &&
    BigInt(sizeBytes) === before.size &&
    after.mtimeNs === before.mtimeNs &&
    after.ctimeNs === before.ctimeNs;
  if (!isSame) throw changed(name, 'it changed while it was read');
}

function changed(name: string, why: string): ArtifactError {
  return new ArtifactError(
    'ARTIFACT_CHANGED',
    `cannot hash ${excerpt(name)}: ${why}; stop what writes to it and start again`,
  );
}

function unreadable(what: string, cause: unknown): ArtifactError {
  return new ArtifactError(
    'ARTIFACT_UNREADABLE',
    `cannot read ${excerpt(what)}: ${cause instanceof Error ? excerpt(cause.message) : 'unreadable'}`,
    { cause },
  );
}
