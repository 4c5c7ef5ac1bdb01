/**
 * The log's lock and committed checkpoint, in an SQLite file of its own.
 *
 * A file of its own because a step may run for as long as tiles take to write, and must not keep the
 * registry from writing meanwhile. The commit is synchronised (`synchronous = FULL`): when `transact`
 * fulfils, the checkpoint survives a loss of power.
 *
 * @module
 */
import type { LogLock } from '@proofmark/tlog';

import { openDatabase } from './database.ts';
import { ProcessLock } from './process-lock.ts';
import { blob } from './row.ts';

const MIGRATIONS = [
  'CREATE TABLE checkpoint (id INTEGER PRIMARY KEY CHECK (id = 1), bytes BLOB NOT NULL) STRICT',
];
const DEFAULT_TIMEOUT_MS = 30_000;

export interface SqliteLogLock extends LogLock {
  /** The committed checkpoint, without taking the lock. */
  committed(): Uint8Array | null;
  close(): void;
}

export function openLogLock(file: string, timeoutMs: number = DEFAULT_TIMEOUT_MS): SqliteLogLock {
  // Migrated with patience, then used without: waiting for the lock happens in ProcessLock.
  openDatabase({ file, migrations: MIGRATIONS, synchronous: 'full' }).close();
  const options = { file, migrations: MIGRATIONS, synchronous: 'full', busyTimeoutMs: 0 } as const;
  const database = openDatabase(options);
  const lock = new ProcessLock(database, timeoutMs);
  const select = database.prepare('SELECT bytes FROM checkpoint WHERE id = 1');
  const replace = database.prepare(
    'INSERT INTO checkpoint (id, bytes) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET bytes = excluded.bytes',
  );
  const committed = (): Uint8Array | null => {
    const row = select.get();
    return row === undefined ? null : blob(row, 'bytes');
  };
  return {
    committed,
    transact: (step) =>
      lock.run(async () => {
        const { checkpoint, result } = await step(committed());
        if (checkpoint !== null) replace.run(checkpoint);
        return result;
      }),
    close: () => database.close(),
  };
}
