/**
 * One holder at a time, across every process that opens the same file.
 *
 * The lock is the write lock of an SQLite file of its own, so the operating system releases it when
 * the holder dies, whatever way it dies. Waiting is asynchronous: the event loop of a waiting process
 * keeps running, which a holder in the same process needs to get done. Within one process holders
 * queue in order of arrival.
 *
 * @module
 */
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

import { ServerError } from '../errors.ts';

const FIRST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 50;
const SQLITE_BUSY = 5;

export class ProcessLock {
  readonly #database: DatabaseSync;
  readonly #timeoutMs: number;
  /** Tail of the queue of this process; never rejects. */
  #tail: Promise<unknown> = Promise.resolve();

  /** `database` must be opened with a busy timeout of 0 and used for nothing else meanwhile. */
  constructor(database: DatabaseSync, timeoutMs: number) {
    this.#database = database;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Runs `step` inside a transaction that holds the lock, and commits it. When `step` rejects, its
   * writes to the database are rolled back.
   *
   * @throws {ServerError} SERVER_LOCK_TIMEOUT
   */
  run<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(() => this.#hold(step));
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async #hold<T>(step: () => Promise<T>): Promise<T> {
    await this.#acquire();
    try {
      const result = await step();
      this.#database.exec('COMMIT');
      return result;
    } catch (cause) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw cause;
    }
  }

  async #acquire(): Promise<void> {
    let waitedMs = 0;
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      try {
        this.#database.exec('BEGIN IMMEDIATE');
        return;
      } catch (cause) {
        if (!isBusy(cause)) throw cause;
        if (waitedMs >= this.#timeoutMs) throw timeout(this.#timeoutMs, cause);
      }
      await delay(waitMs);
      waitedMs += waitMs;
    }
  }
}

function isBusy(cause: unknown): boolean {
  return cause instanceof Error && 'errcode' in cause && cause.errcode === SQLITE_BUSY;
}

function timeout(timeoutMs: number, cause: unknown): ServerError {
  return new ServerError(
    'SERVER_LOCK_TIMEOUT',
    `cannot write now: another process has held the lock for ${timeoutMs} ms; try again, or see what that process waits for`,
    { cause },
  );
}
