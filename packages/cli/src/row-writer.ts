/**
 * Writes JSON lines beside their final name and moves them there when all are written, so that a
 * file of that name is always a whole run.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

import { excerpt } from '@proofmark/core';

import { CliError } from './errors.ts';

export interface RowWriter {
  write(row: unknown): void;
  /** Moves the file into place, replacing an earlier run. */
  finish(): void;
  /** Removes what was written unless `finish` came before. Safe to call always. */
  discard(): void;
}

const BUFFERED = 65_536;

/** @throws {CliError} CLI_INPUT_UNREADABLE when the folder cannot be written. */
export function createRowWriter(file: string | undefined): RowWriter {
  if (file === undefined) return { write: () => {}, finish: () => {}, discard: () => {} };
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  const fd = open(temporary, file);
  let pending = '';
  let done = false;
  const flush = (): void => {
    const bytes = Buffer.from(pending, 'utf8');
    for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
    pending = '';
  };
  return {
    write(row) {
      pending += `${JSON.stringify(row)}\n`;
      if (pending.length >= BUFFERED) flush();
    },
    finish() {
      flush();
      fsyncSync(fd);
      closeSync(fd);
      done = true;
      renameSync(temporary, file);
    },
    discard() {
      if (done) return;
      done = true;
      closeSync(fd);
      rmSync(temporary, { force: true });
    },
  };
}

function open(temporary: string, file: string): number {
  try {
    return openSync(temporary, 'wx', 0o644);
  } catch (cause) {
    const why = cause instanceof Error ? excerpt(cause.message) : 'not writable';
    throw new CliError('CLI_INPUT_UNREADABLE', `cannot write ${file}: ${why}`, { cause });
  }
}
