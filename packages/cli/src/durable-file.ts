/**
 * Writes a small file so that it is there whole or not at all, also after kill -9 or power loss.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';

import { CliError } from './errors.ts';

export interface DurableFileOptions {
  /** Permission bits, 0o644 unless the file is secret. */
  readonly mode: number;
  /** Replace a file of that name; otherwise CLI_OUTPUT_EXISTS, also against a concurrent writer. */
  readonly replace: boolean;
}

/**
 * Writes `data` beside the target, syncs it, then moves it into place and syncs the folder.
 *
 * @throws {CliError} CLI_OUTPUT_EXISTS
 */
export function writeDurably(
  file: string,
  data: Uint8Array | string,
  options: DurableFileOptions,
): void {
  const temporary = `${file}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`;
  try {
    const fd = openSync(temporary, 'wx', options.mode);
    try {
      const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
      for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    if (options.replace) renameSync(temporary, file);
    else linkSync(temporary, file); // fails when the name exists, unlike rename
    syncFolder(path.dirname(file));
  } catch (cause) {
    if (isCode(cause, 'EEXIST')) {
      throw new CliError(
        'CLI_OUTPUT_EXISTS',
        `cannot write ${file}: it exists; choose another name or remove it first`,
        { cause },
      );
    }
    throw cause;
  } finally {
    rmSync(temporary, { force: true });
  }
}

const UNFINISHED = /\.(\d{1,10})-[0-9a-f]{12}\.tmp$/;

/** Removes what a process that is gone had begun to write into this folder. */
export function sweepUnfinished(folder: string): void {
  for (const name of readdirSync(folder)) {
    const writer = UNFINISHED.exec(name)?.[1];
    if (writer !== undefined && !processExists(Number(writer))) {
      rmSync(path.join(folder, name), { force: true });
    }
  }
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    // EPERM: it exists and belongs to somebody else.
    return !isCode(cause, 'ESRCH');
  }
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
