/**
 * The registry's store on SQLite.
 *
 * control.db holds the tables (`synchronous = FULL`); registry-lock.db beside it is the exclusive
 * lock. Statements are synchronous and short, so each method is one step for the event loop.
 *
 * @module
 */
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import type {
  AliasFilter,
  AliasMoveRow,
  AliasRow,
  BaseRow,
  CollectionRow,
  EvidenceRow,
  Marks,
  NoticeKind,
  NoticeRow,
  PendingEntry,
  RecordFilter,
  RecordRow,
  RegistryStore,
  Settlement,
  VersionFilter,
  VersionRow,
  VersionSummary,
} from '@proofmark/registry';
import { RegistryError, VERSION_STATES } from '@proofmark/registry';

import { CONTROL_MIGRATIONS } from './control-schema.ts';
import { inTransaction, openDatabase } from './database.ts';
import { ProcessLock } from './process-lock.ts';
import { applyEffect, noteRevocation } from './registry-effect.ts';
import {
  readAlias,
  readAliasMove,
  readBase,
  readCollection,
  readEvidenceRow,
  readRecordRow,
  readVersion,
} from './registry-row.ts';
import type { Row } from './row.ts';
import { integer, text, word } from './row.ts';
import { Statements } from './statements.ts';
import { STATE_OF, conditionsOf, where } from './version-query.ts';

export interface SqliteRegistryStore extends RegistryStore {
  close(): void;
}

const LOCK_TIMEOUT_MS = 30_000;
const MAX_COLLECTIONS = 1000;

/** Opens or creates `control.db` and `registry-lock.db` in a folder. */
export function openRegistryStore(
  folder: string,
  lockTimeoutMs: number = LOCK_TIMEOUT_MS,
): SqliteRegistryStore {
  const file = path.join(folder, 'control.db');
  const database = openDatabase({ file, migrations: CONTROL_MIGRATIONS, synchronous: 'full' });
  const lockFile = path.join(folder, 'registry-lock.db');
  openDatabase({ file: lockFile, migrations: [], synchronous: 'full' }).close();
  const lock = openDatabase({
    file: lockFile,
    migrations: [],
    synchronous: 'full',
    busyTimeoutMs: 0,
  });
  const tables = new RegistryTables(database, lock, lockTimeoutMs);
  tables.noteOldRevocations();
  return tables;
}

class RegistryTables implements SqliteRegistryStore {
  readonly #database: DatabaseSync;
  readonly #lockDatabase: DatabaseSync;
  readonly #lock: ProcessLock;
  readonly #sql: Statements;

  constructor(database: DatabaseSync, lockDatabase: DatabaseSync, lockTimeoutMs: number) {
    this.#database = database;
    this.#sql = new Statements(database);
    this.#lockDatabase = lockDatabase;
    this.#lock = new ProcessLock(lockDatabase, lockTimeoutMs);
  }

  /** Revocations from before there was a table of them. */
  noteOldRevocations(): void {
    const missing = this.#sql.all(
      `SELECT e.digest, e.manifest_digest, d.text FROM evidence e JOIN documents d USING (digest)
       WHERE e.kind = 'revocation' AND e.digest NOT IN (SELECT digest FROM revocations)`,
      [],
    );
    for (const row of missing) {
      const about = text(row, 'manifest_digest');
      noteRevocation(this.#sql, text(row, 'digest'), about, text(row, 'text'));
    }
  }

  exclusive<T>(step: () => Promise<T>): Promise<T> {
    return this.#lock.run(step);
  }

  async begin(entries: readonly PendingEntry[]): Promise<void> {
    inTransaction(this.#database, () => {
      for (const entry of entries) {
        if (this.#sql.get('SELECT 1 FROM pending WHERE digest = ?', entry.digest) !== undefined) {
          throw unexpected(`${entry.digest} is pending already`);
        }
        this.#sql.run('INSERT INTO pending (digest, entry) VALUES (?, ?)', [
          entry.digest,
          JSON.stringify(entry),
        ]);
      }
    });
  }

  async settle(settlements: readonly Settlement[]): Promise<void> {
    inTransaction(this.#database, () => {
      for (const { digest, logIndex } of settlements) {
        const row = this.#sql.get('SELECT entry FROM pending WHERE digest = ?', digest);
        if (row === undefined) throw unexpected(`${digest} is not pending`);
        const entry = readEntry(row);
        applyEffect(this.#sql, entry, logIndex);
        this.#sql.run('DELETE FROM pending WHERE digest = ?', [digest]);
      }
    });
  }

  async discard(digest: string): Promise<void> {
    this.#sql.run('DELETE FROM pending WHERE digest = ?', [digest]);
  }

  async pending(): Promise<readonly PendingEntry[]> {
    return this.#sql.all('SELECT entry FROM pending ORDER BY position', []).map(readEntry);
  }

  async document(digest: string): Promise<string | null> {
    const row = this.#sql.get('SELECT text FROM documents WHERE digest = ?', digest);
    return row === undefined ? null : text(row, 'text');
  }

  async version(name: string, version: string): Promise<VersionRow | null> {
    const row = this.#sql.get(
      'SELECT * FROM versions WHERE name = ? AND version = ?',
      name,
      version,
    );
    return row === undefined ? null : readVersion(row);
  }

  async versions(filter: VersionFilter): Promise<readonly VersionRow[]> {
    const { clause, values } = conditionsOf(filter);
    return this.#sql
      .all(`SELECT * FROM versions ${clause} ORDER BY log_index DESC LIMIT ?`, [
        ...values,
        filter.limit,
      ])
      .map(readVersion);
  }

  async summaries(versions: readonly VersionRow[]): Promise<readonly VersionSummary[]> {
    const state = `SELECT ${STATE_OF} AS state FROM versions WHERE log_index = ?`;
    const aliases = 'SELECT * FROM aliases WHERE manifest_digest = ? ORDER BY environment, alias';
    return versions.map((version) =>
      Object.freeze({
        ...version,
        state: word(this.#sql.get(state, version.logIndex) ?? {}, 'state', VERSION_STATES),
        marks: this.#marksOf(version.name, version.version),
        aliases: this.#sql.all(aliases, [version.manifestDigest]).map(readAlias),
      }),
    );
  }

  async versionsOf(manifestDigest: string): Promise<readonly VersionRow[]> {
    return this.#sql
      .all('SELECT * FROM versions WHERE manifest_digest = ? ORDER BY log_index', [manifestDigest])
      .map(readVersion);
  }

  async evidence(manifestDigest: string): Promise<readonly EvidenceRow[]> {
    return this.#sql
      .all('SELECT * FROM evidence WHERE manifest_digest = ? ORDER BY log_index', [manifestDigest])
      .map(readEvidenceRow);
  }

  async hasEvidence(digest: string): Promise<boolean> {
    return this.#sql.get('SELECT 1 FROM evidence WHERE digest = ?', digest) !== undefined;
  }

  async isRevoked(manifestDigest: string): Promise<boolean> {
    const sql = 'SELECT 1 FROM revocations WHERE manifest_digest = ? AND of_model = 1';
    return this.#sql.get(sql, manifestDigest) !== undefined;
  }

  async record(digest: string): Promise<RecordRow | null> {
    const row = this.#sql.get('SELECT * FROM records WHERE digest = ?', digest);
    return row === undefined ? null : readRecordRow(row);
  }

  async records(filter: RecordFilter): Promise<readonly RecordRow[]> {
    const { clause, values } = where([
      { sql: 'name = ?', values: [filter.name] },
      { sql: 'environment = ?', values: [filter.environment] },
      { sql: 'alias = ?', values: [filter.alias] },
      { sql: 'log_index < ?', values: [filter.before] },
    ]);
    return this.#sql
      .all(`SELECT * FROM records ${clause} ORDER BY log_index DESC LIMIT ?`, [
        ...values,
        filter.limit,
      ])
      .map(readRecordRow);
  }

  async alias(environment: string, alias: string): Promise<AliasRow | null> {
    const sql = 'SELECT * FROM aliases WHERE environment = ? AND alias = ?';
    const row = this.#sql.get(sql, environment, alias);
    return row === undefined ? null : readAlias(row);
  }

  async aliases(): Promise<readonly AliasRow[]> {
    return this.#sql.all('SELECT * FROM aliases ORDER BY environment, alias', []).map(readAlias);
  }

  async aliasMoves(filter: AliasFilter): Promise<readonly AliasMoveRow[]> {
    const { environment, alias, before = Number.MAX_SAFE_INTEGER, limit } = filter;
    const at = [environment, alias, before, limit];
    return this.#sql.all(ALIAS_MOVES, [...at, ...at, limit]).map(readAliasMove);
  }

  async marks(name: string, version: string): Promise<Marks> {
    return this.#marksOf(name, version);
  }

  async bases(manifestDigest: string): Promise<readonly BaseRow[]> {
    const sql = 'SELECT * FROM bases WHERE manifest_digest = ? ORDER BY log_index';
    return this.#sql.all(sql, [manifestDigest]).map(readBase);
  }

  async derived(manifestDigest: string): Promise<readonly BaseRow[]> {
    const sql = 'SELECT * FROM bases WHERE base_manifest_digest = ? ORDER BY log_index';
    return this.#sql.all(sql, [manifestDigest]).map(readBase);
  }

  async touchedSince(sinceMs: number): Promise<ReadonlySet<string>> {
    const rows = this.#sql.all(
      `SELECT manifest_digest FROM versions WHERE registered_at_ms >= ?
       UNION SELECT manifest_digest FROM evidence WHERE attached_at_ms >= ?
       UNION SELECT manifest_digest FROM records WHERE decided_at_ms >= ?`,
      [sinceMs, sinceMs, sinceMs],
    );
    return new Set(rows.map((row) => text(row, 'manifest_digest')));
  }

  async notices(kind: NoticeKind, limit: number): Promise<readonly NoticeRow[]> {
    const sql = 'SELECT * FROM notices WHERE kind = ? ORDER BY log_index DESC LIMIT ?';
    return this.#sql
      .all(sql, [kind, limit])
      .map((row) =>
        Object.freeze({ digest: text(row, 'digest'), logIndex: integer(row, 'log_index') }),
      );
  }

  async collections(): Promise<readonly CollectionRow[]> {
    const sql = 'SELECT * FROM collections ORDER BY log_index DESC LIMIT ?';
    return this.#sql.all(sql, [MAX_COLLECTIONS]).map(readCollection);
  }

  close(): void {
    this.#database.close();
    this.#lockDatabase.close();
  }

  #marksOf(name: string, version: string): Marks {
    const sql = 'SELECT kind, key, value FROM marks WHERE name = ? AND version = ? ORDER BY key';
    const rows = this.#sql.all(sql, [name, version]);
    const of = (kind: string): readonly Row[] => rows.filter((row) => row['kind'] === kind);
    return Object.freeze({
      tags: of('tag').map((row) => text(row, 'key')),
      labels: Object.fromEntries(of('label').map((row) => [text(row, 'key'), text(row, 'value')])),
    });
  }
}

/** Both kinds of moves, each from its own index; the union is of two pages. */
const ALIAS_MOVES = `
SELECT * FROM (
  SELECT digest, 'set' AS action, environment, alias, name, version, manifest_digest, generation,
    actor, reason, moved_at_ms, log_index
  FROM alias_moves WHERE environment = ? AND alias = ? AND log_index < ?
  ORDER BY log_index DESC LIMIT ?)
UNION ALL
SELECT * FROM (
  SELECT digest, action, environment, alias, name, version, manifest_digest, generation,
    actor, NULL AS reason, decided_at_ms AS moved_at_ms, log_index
  FROM records WHERE environment = ? AND alias = ? AND log_index < ? AND action <> 'denial'
  ORDER BY log_index DESC LIMIT ?)
ORDER BY log_index DESC LIMIT ?`;

/** Written by `begin` of this class and by nothing else. */
function readEntry(row: Row): PendingEntry {
  return JSON.parse(text(row, 'entry')) as PendingEntry;
}

function unexpected(what: string): RegistryError {
  return new RegistryError('REGISTRY_STORE_CORRUPT', `cannot write to the registry: ${what}`);
}
