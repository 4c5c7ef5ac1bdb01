/**
 * Messages on their way to a receiver, in telemetry.db: a process that ends takes none with it.
 *
 * Every call is on disk when it resolves, also against a loss of power.
 *
 * @module
 */
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import { inTransaction, openDatabase } from './database.ts';
import { integer, text } from './row.ts';
import { TELEMETRY_MIGRATIONS } from './telemetry-schema.ts';

export interface DeliveryRow {
  /** Unique; the receiver's idempotency key. */
  readonly id: string;
  readonly receiver: string;
  /** What is delivered, as its writer serialised it. */
  readonly message: string;
  readonly tries: number;
  readonly nextAtMs: number;
}

export interface DeliveryStore {
  /** An id that is already there changes nothing. */
  put(rows: readonly DeliveryRow[]): Promise<void>;
  /** Rows whose time has come, the oldest first. */
  due(nowMs: number, limit: number): Promise<readonly DeliveryRow[]>;
  remove(id: string): Promise<void>;
  postpone(id: string, tries: number, nextAtMs: number): Promise<void>;
  close(): void;
}

/** Opens or creates `telemetry.db` in a folder. */
export function openDeliveryStore(folder: string): DeliveryStore {
  return new DeliveryTable(
    openDatabase({
      file: path.join(folder, 'telemetry.db'),
      migrations: TELEMETRY_MIGRATIONS,
      synchronous: 'full',
    }),
  );
}

class DeliveryTable implements DeliveryStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async put(rows: readonly DeliveryRow[]): Promise<void> {
    if (rows.length === 0) return;
    const insert = this.#database.prepare(
      'INSERT INTO deliveries VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    );
    inTransaction(this.#database, () => {
      for (const row of rows) {
        insert.run(row.id, row.receiver, row.message, row.tries, Math.round(row.nextAtMs));
      }
    });
  }

  async due(nowMs: number, limit: number): Promise<readonly DeliveryRow[]> {
    return this.#database
      .prepare('SELECT * FROM deliveries WHERE next_at_ms <= ? ORDER BY next_at_ms, id LIMIT ?')
      .all(Math.round(nowMs), limit)
      .map((row) => ({
        id: text(row, 'id'),
        receiver: text(row, 'receiver'),
        message: text(row, 'message'),
        tries: integer(row, 'tries'),
        nextAtMs: integer(row, 'next_at_ms'),
      }));
  }

  async remove(id: string): Promise<void> {
    this.#database.prepare('DELETE FROM deliveries WHERE id = ?').run(id);
  }

  async postpone(id: string, tries: number, nextAtMs: number): Promise<void> {
    this.#database
      .prepare('UPDATE deliveries SET tries = ?, next_at_ms = ? WHERE id = ?')
      .run(tries, Math.round(nextAtMs), id);
  }

  close(): void {
    this.#database.close();
  }
}
