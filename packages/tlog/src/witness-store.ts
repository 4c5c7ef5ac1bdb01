/**
 * What a witness remembers: the last checkpoint it cosigned for each log.
 *
 * A store that forgets or goes back lets a log fork unseen, so both forms here serialise updates of
 * one log, and the folder form is durable and safe between processes.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, readdir, rm, unlink } from 'node:fs/promises';
import path from 'node:path';

import { isSha256Hex, sha256Hex } from '@proofmark/core';

import { TlogError } from './errors.ts';
import type { LockStep } from './lock.ts';
import { memoryLock } from './memory-lock.ts';

/** A step over the last cosigned checkpoint of one log. */
export type WitnessStep<T> = (latest: Uint8Array | null) => Promise<LockStep<T>>;

export interface WitnessStore {
  /**
   * Compares and replaces the last checkpoint of `origin` in one atomic step. Durable when it
   * fulfils. `step` may run again when another process came first; only its last result counts.
   *
   * @throws {TlogError} TLOG_WITNESS_FAILED when other processes keep coming first
   */
  update<T>(origin: string, step: WitnessStep<T>): Promise<T>;
  /** The last checkpoint by the lowercase hex SHA-256 of the origin. */
  latest(originHash: string): Promise<Uint8Array | null>;
}

const MAX_ATTEMPTS = 16;
const RECORD = /^[0-9]{16}$/;

/** A store that lasts as long as the process: for tests. */
export function memoryWitnessStore(): WitnessStore {
  const locks = new Map<string, ReturnType<typeof memoryLock>>();
  return {
    update<T>(origin: string, step: WitnessStep<T>): Promise<T> {
      const hash = sha256Hex(origin);
      const lock = locks.get(hash) ?? memoryLock();
      locks.set(hash, lock);
      return lock.transact(step);
    },
    latest: (originHash) =>
      locks
        .get(originHash)
        ?.transact((current) => Promise.resolve({ checkpoint: null, result: current })) ??
      Promise.resolve(null),
  };
}

/**
 * A store in a folder: `<SHA-256 of the origin>/<number>`, the highest number counts.
 *
 * A record is written beside, synced, and then linked to the next number, which fails when another
 * process took that number first. So two processes cannot both replace the same record.
 */
export function folderWitnessStore(directory: string): WitnessStore {
  const folderOf = (originHash: string): string => path.join(path.resolve(directory), originHash);
  return {
    async update<T>(origin: string, step: WitnessStep<T>): Promise<T> {
      const folder = folderOf(sha256Hex(origin));
      await makeFolder(folder);
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
        const last = await lastRecord(folder);
        const { checkpoint, result } = await step(last.bytes);
        if (checkpoint === null || (await replace(folder, last.number, checkpoint))) return result;
      }
      throw new TlogError(
        'TLOG_WITNESS_FAILED',
        'cannot record the checkpoint: other processes keep replacing it; try again, and run one witness per folder',
      );
    },
    latest: async (originHash) =>
      isSha256Hex(originHash) ? (await lastRecord(folderOf(originHash))).bytes : null,
  };
}

/** The newest record; a record that vanished while it was read was replaced: look again. */
async function lastRecord(
  folder: string,
): Promise<{ readonly number: number; readonly bytes: Uint8Array | null }> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const number = Math.max(0, ...(await recordNumbers(folder)));
    if (number === 0) return { number, bytes: null };
    try {
      return { number, bytes: await readFile(path.join(folder, recordName(number))) };
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }
  throw new TlogError(
    'TLOG_WITNESS_FAILED',
    'cannot read the last cosigned checkpoint: it keeps being replaced; try again',
  );
}

/** Makes record `number + 1`, durably; false when another process was first. */
async function replace(folder: string, number: number, bytes: Uint8Array): Promise<boolean> {
  const temporary = path.join(folder, `${randomUUID()}.tmp`);
  const target = path.join(folder, recordName(number + 1));
  try {
    await writeDurably(temporary, bytes);
    await link(temporary, target);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    return false;
  } finally {
    await rm(temporary, { force: true });
  }
  // A number below one that exists was taken and tidied away before: then ours came too late.
  const numbers = await recordNumbers(folder);
  if (Math.max(...numbers) > number + 1) {
    await unlink(target);
    return false;
  }
  await syncFolder(folder);
  await removeOld(folder, numbers, number);
  return true;
}

/** Keeps the record and the one before it. */
async function removeOld(
  folder: string,
  numbers: readonly number[],
  keepFrom: number,
): Promise<void> {
  for (const old of numbers.filter((n) => n < keepFrom)) {
    try {
      await unlink(path.join(folder, recordName(old)));
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error; // Another process tidies too.
    }
  }
}

async function recordNumbers(folder: string): Promise<readonly number[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => RECORD.test(name)).map(Number);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

function recordName(number: number): string {
  return String(number).padStart(16, '0');
}

async function makeFolder(folder: string): Promise<void> {
  const created = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (created === undefined) return;
  const top = path.dirname(created);
  for (let at = folder; at.length > top.length;) {
    at = path.dirname(at);
    await syncFolder(at);
  }
}

async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
