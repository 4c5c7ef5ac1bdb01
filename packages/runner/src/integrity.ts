/**
 * Notices when a sealed file changes after it was verified.
 *
 * Size, inode and change time are compared on the very descriptor that is mounted. Honest limit: a
 * store through a shared mapping that was dirtied before the hash leaves no trace here; the sealed
 * store closes that case by copying into a new inode that nobody else ever had open for writing.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { fstatSync, read } from 'node:fs';
import { promisify } from 'node:util';

import { RunnerError } from './errors.ts';

/** What a file looked like at one moment. */
export interface FileState {
  readonly device: bigint;
  readonly inode: bigint;
  readonly sizeBytes: bigint;
  readonly changedNs: bigint;
}

export interface WatchedFile {
  readonly path: string;
  readonly fd: number;
  readonly state: FileState;
}

export interface IntegrityWatch {
  stop(): void;
}

const CHUNK_BYTES = 1 << 20;
const readAsync = promisify(read);

export function fileState(fd: number): FileState {
  const stat = fstatSync(fd, { bigint: true });
  return { device: stat.dev, inode: stat.ino, sizeBytes: stat.size, changedNs: stat.ctimeNs };
}

/** SHA-256 of the whole file, read through the descriptor and not through any path. */
export async function hashDescriptor(fd: number): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let position = 0; ;) {
    const { bytesRead } = await readAsync(fd, buffer, 0, buffer.length, position);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
}

/** The first file that no longer looks as verified, or null. A file that cannot be read is one. */
export function findDrift(files: readonly WatchedFile[]): WatchedFile | null {
  return files.find((file) => !looksTheSame(file)) ?? null;
}

/** @throws {RunnerError} RUNNER_INTEGRITY_DRIFT */
export function assertNoDrift(files: readonly WatchedFile[]): void {
  const drifted = findDrift(files);
  if (drifted !== null) throw driftError(drifted);
}

export function driftError(file: WatchedFile): RunnerError {
  return new RunnerError(
    'RUNNER_INTEGRITY_DRIFT',
    `cannot go on serving: the sealed file "${file.path}" changed after it was verified; find out who writes to the sealed store, then ingest and admit the model again`,
    { details: { path: file.path } },
  );
}

/** Checks every `intervalMs` until stopped; calls `onDrift` at most once. */
export function watchIntegrity(
  files: readonly WatchedFile[],
  intervalMs: number,
  onDrift: (file: WatchedFile) => void,
): IntegrityWatch {
  const timer = setInterval(() => {
    const drifted = findDrift(files);
    if (drifted === null) return;
    clearInterval(timer);
    onDrift(drifted);
  }, intervalMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

function looksTheSame(file: WatchedFile): boolean {
  try {
    const now = fileState(file.fd);
    return (
      now.device === file.state.device &&
      now.inode === file.state.inode &&
      now.sizeBytes === file.state.sizeBytes &&
      now.changedNs === file.state.changedNs
    );
  } catch {
    return false;
  }
}
