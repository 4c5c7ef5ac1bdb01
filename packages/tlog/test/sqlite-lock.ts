/**
 * A lock in SQLite, as a server keeps it: exclusive across processes, durable when it commits.
 *
 * @module
 */
import { DatabaseSync } from 'node:sqlite';

import type { LockStep, LogLock } from '../src/lock.ts';

export interface SqliteLock extends LogLock {
  close(): void;
}

export function sqliteLock(file: string): SqliteLock {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA busy_timeout = 20000; PRAGMA synchronous = FULL');
  database.exec(
    'CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY CHECK (id = 1), checkpoint BLOB NOT NULL)',
  );
  const select = database.prepare('SELECT checkpoint FROM log WHERE id = 1');
  const upsert = database.prepare('INSERT OR REPLACE INTO log (id, checkpoint) VALUES (1, ?)');
  let tail: Promise<unknown> = Promise.resolve();

  const run = async <T>(
    step: (committed: Uint8Array | null) => Promise<LockStep<T>>,
  ): Promise<T> => {
    database.exec('BEGIN IMMEDIATE');
    try {
      const row = select.get();
      const stored = row?.['checkpoint'];
      const { checkpoint, result } = await step(stored instanceof Uint8Array ? stored : null);
      if (checkpoint !== null) upsert.run(checkpoint);
      database.exec('COMMIT');
      return result;
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  };

  return {
    transact<T>(step: (committed: Uint8Array | null) => Promise<LockStep<T>>): Promise<T> {
      const turn = tail.then(() => run(step));
      tail = turn.catch(() => undefined);
      return turn;
    },
    close: () => database.close(),
  };
}
