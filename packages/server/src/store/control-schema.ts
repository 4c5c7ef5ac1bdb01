/**
 * The tables of control.db: versions, evidence, records, aliases, pending writes.
 *
 * Append-only tables refuse UPDATE and DELETE by trigger, so that a mistake in our own code cannot
 * rewrite history; who has the file can, and the log shows it.
 *
 * @module
 */

const APPEND_ONLY = ['documents', 'versions', 'evidence', 'records']
  .flatMap((table) =>
    ['UPDATE', 'DELETE'].map(
      (verb) => `
CREATE TRIGGER ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table}
BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;`,
    ),
  )
  .join('');

const REGISTRY = `
CREATE TABLE documents (digest TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;

CREATE TABLE versions (
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  oms_root TEXT NOT NULL,
  manifest_digest TEXT NOT NULL,
  bundle_digest TEXT NOT NULL REFERENCES documents (digest),
  file_count INTEGER NOT NULL,
  total_bytes INTEGER NOT NULL,
  registered_at_ms INTEGER NOT NULL,
  registered_by TEXT NOT NULL,
  log_index INTEGER NOT NULL UNIQUE,
  PRIMARY KEY (name, version)
) STRICT;
CREATE INDEX versions_by_manifest ON versions (manifest_digest);
CREATE INDEX versions_by_name ON versions (name, log_index);

CREATE TABLE evidence (
  digest TEXT PRIMARY KEY REFERENCES documents (digest),
  kind TEXT NOT NULL,
  manifest_digest TEXT NOT NULL,
  observed_at_ms INTEGER NOT NULL,
  attached_at_ms INTEGER NOT NULL,
  attached_by TEXT NOT NULL,
  log_index INTEGER NOT NULL UNIQUE
) STRICT;
CREATE INDEX evidence_by_manifest ON evidence (manifest_digest, log_index);

CREATE TABLE records (
  digest TEXT PRIMARY KEY REFERENCES documents (digest),
  action TEXT NOT NULL,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  manifest_digest TEXT NOT NULL,
  environment TEXT NOT NULL,
  alias TEXT NOT NULL,
  generation INTEGER NOT NULL,
  policy_digest TEXT NOT NULL REFERENCES documents (digest),
  decided_at_ms INTEGER NOT NULL,
  actor TEXT NOT NULL,
  log_index INTEGER NOT NULL UNIQUE,
  FOREIGN KEY (name, version) REFERENCES versions (name, version)
) STRICT;
CREATE INDEX records_by_alias ON records (environment, alias, log_index);
CREATE INDEX records_by_name ON records (name, log_index);
CREATE UNIQUE INDEX records_generation ON records (environment, alias, generation)
  WHERE action <> 'denial';

CREATE TABLE aliases (
  environment TEXT NOT NULL,
  alias TEXT NOT NULL,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  manifest_digest TEXT NOT NULL,
  generation INTEGER NOT NULL,
  record_digest TEXT NOT NULL REFERENCES records (digest),
  moved_at_ms INTEGER NOT NULL,
  PRIMARY KEY (environment, alias)
) STRICT;

CREATE TABLE pending (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  digest TEXT NOT NULL UNIQUE,
  entry TEXT NOT NULL
) STRICT;
${APPEND_ONLY}
`;

/** Never edit one that was released: add the next. */
export const CONTROL_MIGRATIONS: readonly string[] = [REGISTRY];
