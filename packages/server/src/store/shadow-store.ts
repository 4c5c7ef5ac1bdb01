/**
 * Shadow runs and their pairs, in shadow.db: evidence grows for days, so every pair is on disk
 * against a loss of power before it counts, and nothing here is ever changed but a run's end.
 *
 * Pairs hold numbers and keyed hashes, never text. At most one run per route is open.
 *
 * @module
 */
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import { ServerError } from '../errors.ts';
import { inTransaction, openDatabase } from './database.ts';
import { integer, integerOrNull, real, text } from './row.ts';
import type { Row } from './row.ts';

const SHADOW = `
CREATE TABLE runs (
  id TEXT PRIMARY KEY,
  route TEXT NOT NULL,
  environment TEXT NOT NULL,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  manifest_digest TEXT NOT NULL,
  live_manifest_digest TEXT NOT NULL,
  spec TEXT NOT NULL,
  spec_digest TEXT NOT NULL,
  share REAL NOT NULL,
  session_idle_ms INTEGER NOT NULL,
  started_at_ms INTEGER NOT NULL,
  started_by TEXT NOT NULL,
  ended_at_ms INTEGER,
  end_reason TEXT NOT NULL,
  dropped INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX one_open_run ON runs (route) WHERE ended_at_ms IS NULL;
CREATE TABLE pairs (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id TEXT NOT NULL REFERENCES runs (id),
  session TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  answered INTEGER NOT NULL,
  problem TEXT NOT NULL,
  scores TEXT NOT NULL
) STRICT;
CREATE INDEX pairs_of_run ON pairs (run_id, position);
`;

const MIGRATIONS: readonly string[] = [SHADOW];

export interface ShadowRunRow {
  readonly id: string;
  readonly route: string;
  readonly environment: string;
  readonly name: string;
  readonly version: string;
  readonly manifestDigest: string;
  readonly liveManifestDigest: string;
  /** The shadow rule as it was fixed before the first pair, canonical JSON. */
  readonly spec: string;
  readonly specDigest: string;
  readonly share: number;
  /** A session without a request for this long has ended. */
  readonly sessionIdleMs: number;
  readonly startedAtMs: number;
  readonly startedBy: string;
  /** Null while it runs. */
  readonly endedAtMs: number | null;
  readonly endReason: string;
  /** Copies that were not made or not finished. */
  readonly dropped: number;
}

export interface ShadowPairRow {
  readonly runId: string;
  readonly session: string;
  readonly atMs: number;
  readonly answered: boolean;
  readonly problem: string;
  /** Scores per evaluator as JSON; the reader checks its shape. */
  readonly scores: string;
}

export interface ShadowStore {
  /** @throws {ServerError} SERVER_SHADOW_CONFLICT when the route has an open run */
  start(run: Omit<ShadowRunRow, 'endedAtMs' | 'endReason' | 'dropped'>): Promise<void>;
  /** Ending a run again changes nothing. */
  end(id: string, atMs: number, reason: string): Promise<void>;
  open(route: string): Promise<ShadowRunRow | null>;
  /** Newest first. */
  runs(limit: number): Promise<readonly ShadowRunRow[]>;
  /** Pairs of a run that has ended are not taken; the number that was is returned. */
  addPairs(pairs: readonly ShadowPairRow[]): Promise<number>;
  addDropped(id: string, copies: number): Promise<void>;
  /** In the order in which they were stored. */
  pairs(runId: string): AsyncIterable<ShadowPairRow>;
  close(): void;
}

/** Opens or creates `shadow.db` in a folder. */
export function openShadowStore(folder: string): ShadowStore {
  return new ShadowTables(
    openDatabase({
      file: path.join(folder, 'shadow.db'),
      migrations: MIGRATIONS,
      synchronous: 'full',
    }),
  );
}

const PAGE = 1000;

class ShadowTables implements ShadowStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async start(run: Omit<ShadowRunRow, 'endedAtMs' | 'endReason' | 'dropped'>): Promise<void> {
    const open = await this.open(run.route);
    const insert = this.#database.prepare(
      `INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, '', 0)
       ON CONFLICT DO NOTHING`,
    );
    const { changes } = insert.run(
      run.id,
      run.route,
      run.environment,
      run.name,
      run.version,
      run.manifestDigest,
      run.liveManifestDigest,
      run.spec,
      run.specDigest,
      run.share,
      Math.round(run.sessionIdleMs),
      Math.round(run.startedAtMs),
      run.startedBy,
    );
    if (changes === 1) return;
    throw new ServerError(
      'SERVER_SHADOW_CONFLICT',
      `cannot start a shadow run on route ${run.route}: ${open === null ? 'one was started just now' : `${open.name}@${open.version} runs there`}; stop it first`,
    );
  }

  async end(id: string, atMs: number, reason: string): Promise<void> {
    this.#database
      .prepare(
        'UPDATE runs SET ended_at_ms = ?, end_reason = ? WHERE id = ? AND ended_at_ms IS NULL',
      )
      .run(Math.round(atMs), reason, id);
  }

  async open(route: string): Promise<ShadowRunRow | null> {
    const row = this.#database
      .prepare('SELECT * FROM runs WHERE route = ? AND ended_at_ms IS NULL')
      .get(route);
    return row === undefined ? null : readRun(row);
  }

  async runs(limit: number): Promise<readonly ShadowRunRow[]> {
    return this.#database
      .prepare('SELECT * FROM runs ORDER BY started_at_ms DESC, id LIMIT ?')
      .all(limit)
      .map(readRun);
  }

  async addPairs(pairs: readonly ShadowPairRow[]): Promise<number> {
    if (pairs.length === 0) return 0;
    const insert = this.#database.prepare(
      `INSERT INTO pairs (run_id, session, at_ms, answered, problem, scores)
       SELECT ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM runs WHERE id = ? AND ended_at_ms IS NULL)`,
    );
    return inTransaction(this.#database, () =>
      pairs.reduce(
        (taken, { runId, session, atMs, answered, problem, scores }) =>
          taken +
          Number(
            insert.run(runId, session, Math.round(atMs), answered ? 1 : 0, problem, scores, runId)
              .changes,
          ),
        0,
      ),
    );
  }

  async addDropped(id: string, copies: number): Promise<void> {
    this.#database.prepare('UPDATE runs SET dropped = dropped + ? WHERE id = ?').run(copies, id);
  }

  async *pairs(runId: string): AsyncGenerator<ShadowPairRow> {
    const page = this.#database.prepare(
      'SELECT * FROM pairs WHERE run_id = ? AND position > ? ORDER BY position LIMIT ?',
    );
    for (let after = 0; ;) {
      const rows = page.all(runId, after, PAGE);
      yield* rows.map(readPair);
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE) return;
      after = integer(last, 'position');
    }
  }

  close(): void {
    this.#database.close();
  }
}

function readRun(row: Row): ShadowRunRow {
  return Object.freeze({
    id: text(row, 'id'),
    route: text(row, 'route'),
    environment: text(row, 'environment'),
    name: text(row, 'name'),
    version: text(row, 'version'),
    manifestDigest: text(row, 'manifest_digest'),
    liveManifestDigest: text(row, 'live_manifest_digest'),
    spec: text(row, 'spec'),
    specDigest: text(row, 'spec_digest'),
    share: real(row, 'share'),
    sessionIdleMs: integer(row, 'session_idle_ms'),
    startedAtMs: integer(row, 'started_at_ms'),
    startedBy: text(row, 'started_by'),
    endedAtMs: integerOrNull(row, 'ended_at_ms'),
    endReason: text(row, 'end_reason'),
    dropped: integer(row, 'dropped'),
  });
}

function readPair(row: Row): ShadowPairRow {
  return Object.freeze({
    runId: text(row, 'run_id'),
    session: text(row, 'session'),
    atMs: integer(row, 'at_ms'),
    answered: integer(row, 'answered') === 1,
    problem: text(row, 'problem'),
    scores: text(row, 'scores'),
  });
}
