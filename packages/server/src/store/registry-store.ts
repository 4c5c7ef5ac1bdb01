/**
 * The registry's store on SQLite.
 *
 * control.db holds the tables (`synchronous = FULL`); registry-lock.db beside it is the exclusive
 * lock. Statements are synchronous and short, so each method is one step for the event loop.
 *
 * @module
 */
import path from 'node:path';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

import type {
  AliasRow,
  EvidenceRow,
  PendingEntry,
  RecordFilter,
  RecordRow,
  RegistryStore,
  StoredDocument,
  VersionFilter,
  VersionRow,
} from '@proofmark/registry';
import { EVIDENCE_KINDS, RegistryError, aliasMoved, aliasOf } from '@proofmark/registry';

import { CONTROL_MIGRATIONS } from './control-schema.ts';
import { inTransaction, openDatabase } from './database.ts';
import { ProcessLock } from './process-lock.ts';
import type { Row } from './row.ts';
import { integer, text, word } from './row.ts';

export interface SqliteRegistryStore extends RegistryStore {
  close(): void;
}

const LOCK_TIMEOUT_MS = 30_000;
const ACTIONS = ['promotion', 'rollback', 'denial'] as const;

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
  return new RegistryTables(database, lock, lockTimeoutMs);
}

class RegistryTables implements SqliteRegistryStore {
  readonly #database: DatabaseSync;
  readonly #lockDatabase: DatabaseSync;
  readonly #lock: ProcessLock;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync, lockDatabase: DatabaseSync, lockTimeoutMs: number) {
    this.#database = database;
    this.#lockDatabase = lockDatabase;
    this.#lock = new ProcessLock(lockDatabase, lockTimeoutMs);
  }

  exclusive<T>(step: () => Promise<T>): Promise<T> {
    return this.#lock.run(step);
  }

  async begin(entry: PendingEntry): Promise<void> {
    if (this.#get('SELECT 1 FROM pending WHERE digest = ?', entry.digest) !== undefined) {
      throw unexpected(`${entry.digest} is pending already`);
    }
    this.#run('INSERT INTO pending (digest, entry) VALUES (?, ?)', [
      entry.digest,
      JSON.stringify(entry),
    ]);
  }

  async settle(digest: string, logIndex: number): Promise<void> {
    inTransaction(this.#database, () => {
      const row = this.#get('SELECT entry FROM pending WHERE digest = ?', digest);
      if (row === undefined) throw unexpected(`${digest} is not pending`);
      const entry = readEntry(row);
      for (const document of entry.documents) this.#keep(document);
      this.#apply(entry, logIndex);
      this.#run('DELETE FROM pending WHERE digest = ?', [digest]);
    });
  }

  async discard(digest: string): Promise<void> {
    this.#run('DELETE FROM pending WHERE digest = ?', [digest]);
  }

  async pending(): Promise<readonly PendingEntry[]> {
    return this.#all('SELECT entry FROM pending ORDER BY position', []).map(readEntry);
  }

  async document(digest: string): Promise<string | null> {
    const row = this.#get('SELECT text FROM documents WHERE digest = ?', digest);
    return row === undefined ? null : text(row, 'text');
  }

  async version(name: string, version: string): Promise<VersionRow | null> {
    const row = this.#get('SELECT * FROM versions WHERE name = ? AND version = ?', name, version);
    return row === undefined ? null : readVersion(row);
  }

  async versions(filter: VersionFilter): Promise<readonly VersionRow[]> {
    const { clause, values } = where([
      ['name = ?', filter.name],
      ['log_index < ?', filter.before],
    ]);
    return this.#all(`SELECT * FROM versions ${clause} ORDER BY log_index DESC LIMIT ?`, [
      ...values,
      filter.limit,
    ]).map(readVersion);
  }

  async versionsOf(manifestDigest: string): Promise<readonly VersionRow[]> {
    return this.#all('SELECT * FROM versions WHERE manifest_digest = ? ORDER BY log_index', [
      manifestDigest,
    ]).map(readVersion);
  }

  async evidence(manifestDigest: string): Promise<readonly EvidenceRow[]> {
    return this.#all('SELECT * FROM evidence WHERE manifest_digest = ? ORDER BY log_index', [
      manifestDigest,
    ]).map(readEvidenceRow);
  }

  async hasEvidence(digest: string): Promise<boolean> {
    return this.#get('SELECT 1 FROM evidence WHERE digest = ?', digest) !== undefined;
  }

  async record(digest: string): Promise<RecordRow | null> {
    const row = this.#get('SELECT * FROM records WHERE digest = ?', digest);
    return row === undefined ? null : readRecordRow(row);
  }

  async records(filter: RecordFilter): Promise<readonly RecordRow[]> {
    const { clause, values } = where([
      ['name = ?', filter.name],
      ['environment = ?', filter.environment],
      ['alias = ?', filter.alias],
      ['log_index < ?', filter.before],
    ]);
    return this.#all(`SELECT * FROM records ${clause} ORDER BY log_index DESC LIMIT ?`, [
      ...values,
      filter.limit,
    ]).map(readRecordRow);
  }

  async alias(environment: string, alias: string): Promise<AliasRow | null> {
    const sql = 'SELECT * FROM aliases WHERE environment = ? AND alias = ?';
    const row = this.#get(sql, environment, alias);
    return row === undefined ? null : readAlias(row);
  }

  async aliases(): Promise<readonly AliasRow[]> {
    return this.#all('SELECT * FROM aliases ORDER BY environment, alias', []).map(readAlias);
  }

  close(): void {
    this.#database.close();
    this.#lockDatabase.close();
  }

  #apply(entry: PendingEntry, logIndex: number): void {
    const { effect } = entry;
    switch (effect.kind) {
      case 'version': {
        const v = effect.version;
        this.#run('INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', [
          v.name,
          v.version,
          v.omsRoot,
          v.manifestDigest,
          v.bundleDigest,
          v.fileCount,
          v.totalBytes,
          v.registeredAtMs,
          v.registeredBy,
          logIndex,
        ]);
        break;
      }
      case 'evidence': {
        const e = effect.evidence;
        this.#run('INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?, ?)', [
          e.digest,
          e.kind,
          e.manifestDigest,
          e.observedAtMs,
          e.attachedAtMs,
          e.attachedBy,
          logIndex,
        ]);
        break;
      }
      case 'record':
        this.#applyRecord(effect.record, logIndex);
        break;
    }
  }

  #applyRecord(record: Omit<RecordRow, 'logIndex'>, logIndex: number): void {
    if (record.action !== 'denial') this.#checkGeneration(record);
    this.#run('INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', [
      record.digest,
      record.action,
      record.name,
      record.version,
      record.manifestDigest,
      record.environment,
      record.alias,
      record.generation,
      record.policyDigest,
      record.decidedAtMs,
      record.actor,
      logIndex,
    ]);
    if (record.action !== 'denial') this.#setAlias(aliasOf(record));
  }

  /** The compare of compare-and-set: the alias must stand exactly one generation before. */
  #checkGeneration(record: Omit<RecordRow, 'logIndex'>): void {
    const sql = 'SELECT generation FROM aliases WHERE environment = ? AND alias = ?';
    const row = this.#get(sql, record.environment, record.alias);
    const current = row === undefined ? 0 : integer(row, 'generation');
    if (record.generation !== current + 1) throw aliasMoved(record, current);
  }

  #setAlias(alias: AliasRow): void {
    this.#run(
      `INSERT INTO aliases VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (environment, alias) DO UPDATE SET
         name = excluded.name, version = excluded.version,
         manifest_digest = excluded.manifest_digest, generation = excluded.generation,
         record_digest = excluded.record_digest, moved_at_ms = excluded.moved_at_ms`,
      [
        alias.environment,
        alias.alias,
        alias.name,
        alias.version,
        alias.manifestDigest,
        alias.generation,
        alias.recordDigest,
        alias.movedAtMs,
      ],
    );
  }

  #keep(document: StoredDocument): void {
    this.#run('INSERT INTO documents (digest, text) VALUES (?, ?) ON CONFLICT DO NOTHING', [
      document.digest,
      document.text,
    ]);
  }

  #run(sql: string, values: readonly SQLInputValue[]): void {
    this.#statement(sql).run(...values);
  }

  #get(sql: string, ...values: readonly SQLInputValue[]): Row | undefined {
    return this.#statement(sql).get(...values);
  }

  #all(sql: string, values: readonly SQLInputValue[]): readonly Row[] {
    return this.#statement(sql).all(...values);
  }

  /** Every SQL text of this class is one of a small fixed set, so the cache stays small. */
  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** The conditions whose value is given, joined. */
function where(conditions: readonly (readonly [string, SQLInputValue | undefined])[]): {
  readonly clause: string;
  readonly values: readonly SQLInputValue[];
} {
  const given = conditions.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value }]));
  return {
    clause: given.length === 0 ? '' : `WHERE ${given.map((g) => g.sql).join(' AND ')}`,
    values: given.map((g) => g.value),
  };
}

/** Written by `begin` of this class and by nothing else. */
function readEntry(row: Row): PendingEntry {
  return JSON.parse(text(row, 'entry')) as PendingEntry;
}

function readVersion(row: Row): VersionRow {
  return Object.freeze({
    name: text(row, 'name'),
    version: text(row, 'version'),
    omsRoot: text(row, 'oms_root'),
    manifestDigest: text(row, 'manifest_digest'),
    bundleDigest: text(row, 'bundle_digest'),
    fileCount: integer(row, 'file_count'),
    totalBytes: integer(row, 'total_bytes'),
    registeredAtMs: integer(row, 'registered_at_ms'),
    registeredBy: text(row, 'registered_by'),
    logIndex: integer(row, 'log_index'),
  });
}

function readEvidenceRow(row: Row): EvidenceRow {
  return Object.freeze({
    digest: text(row, 'digest'),
    kind: word(row, 'kind', EVIDENCE_KINDS),
    manifestDigest: text(row, 'manifest_digest'),
    observedAtMs: integer(row, 'observed_at_ms'),
    attachedAtMs: integer(row, 'attached_at_ms'),
    attachedBy: text(row, 'attached_by'),
    logIndex: integer(row, 'log_index'),
  });
}

function readRecordRow(row: Row): RecordRow {
  return Object.freeze({
    digest: text(row, 'digest'),
    action: word(row, 'action', ACTIONS),
    name: text(row, 'name'),
    version: text(row, 'version'),
    manifestDigest: text(row, 'manifest_digest'),
    environment: text(row, 'environment'),
    alias: text(row, 'alias'),
    generation: integer(row, 'generation'),
    policyDigest: text(row, 'policy_digest'),
    decidedAtMs: integer(row, 'decided_at_ms'),
    actor: text(row, 'actor'),
    logIndex: integer(row, 'log_index'),
  });
}

function readAlias(row: Row): AliasRow {
  return Object.freeze({
    environment: text(row, 'environment'),
    alias: text(row, 'alias'),
    name: text(row, 'name'),
    version: text(row, 'version'),
    manifestDigest: text(row, 'manifest_digest'),
    generation: integer(row, 'generation'),
    recordDigest: text(row, 'record_digest'),
    movedAtMs: integer(row, 'moved_at_ms'),
  });
}

function unexpected(what: string): RegistryError {
  return new RegistryError('REGISTRY_STORE_CORRUPT', `cannot write to the registry: ${what}`);
}
