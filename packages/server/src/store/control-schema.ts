/**
 * The tables of control.db: versions, evidence, records, aliases, marks, lineage, pending writes.
 *
 * Append-only tables refuse UPDATE and DELETE by trigger, so that a mistake in our own code cannot
 * rewrite history; who has the file can, and the log shows it.
 *
 * @module
 */

function appendOnly(tables: readonly string[]): string {
  return tables
    .flatMap((table) =>
      ['UPDATE', 'DELETE'].map(
        (verb) => `
CREATE TRIGGER ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table}
BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;`,
      ),
    )
    .join('');
}

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
${appendOnly(['documents', 'versions', 'evidence', 'records'])}
`;

/** Free aliases, marks, lineage, collections; and indices for lists of ten thousand versions. */
const CATALOGUE = `
CREATE TABLE alias_moves (
  digest TEXT PRIMARY KEY REFERENCES documents (digest),
  environment TEXT NOT NULL,
  alias TEXT NOT NULL,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  manifest_digest TEXT NOT NULL,
  generation INTEGER NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  moved_at_ms INTEGER NOT NULL,
  log_index INTEGER NOT NULL UNIQUE,
  FOREIGN KEY (name, version) REFERENCES versions (name, version)
) STRICT;
CREATE INDEX alias_moves_by_alias ON alias_moves (environment, alias, log_index);

CREATE TABLE aliases_of_all_kinds (
  environment TEXT NOT NULL,
  alias TEXT NOT NULL,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  manifest_digest TEXT NOT NULL,
  generation INTEGER NOT NULL,
  record_digest TEXT NOT NULL REFERENCES documents (digest),
  moved_at_ms INTEGER NOT NULL,
  PRIMARY KEY (environment, alias)
) STRICT;
INSERT INTO aliases_of_all_kinds SELECT * FROM aliases;
DROP TABLE aliases;
ALTER TABLE aliases_of_all_kinds RENAME TO aliases;
CREATE INDEX aliases_by_manifest ON aliases (manifest_digest);
CREATE INDEX records_by_manifest ON records (manifest_digest, action);

CREATE TABLE marks (
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (name, version, kind, key),
  FOREIGN KEY (name, version) REFERENCES versions (name, version)
) STRICT;

CREATE TABLE bases (
  digest TEXT PRIMARY KEY REFERENCES documents (digest),
  manifest_digest TEXT NOT NULL,
  source TEXT NOT NULL,
  base TEXT NOT NULL,
  base_manifest_digest TEXT,
  actor TEXT NOT NULL,
  recorded_at_ms INTEGER NOT NULL,
  log_index INTEGER NOT NULL UNIQUE
) STRICT;
CREATE INDEX bases_by_manifest ON bases (manifest_digest, log_index);
CREATE INDEX bases_by_base ON bases (base_manifest_digest, log_index);

CREATE TABLE revocations (
  digest TEXT PRIMARY KEY REFERENCES evidence (digest),
  manifest_digest TEXT NOT NULL,
  of_model INTEGER NOT NULL
) STRICT;
CREATE INDEX revocations_by_manifest ON revocations (manifest_digest);

CREATE TABLE collections (
  digest TEXT PRIMARY KEY REFERENCES documents (digest),
  plan_digest TEXT NOT NULL,
  file_count INTEGER NOT NULL,
  total_bytes INTEGER NOT NULL,
  collected_at_ms INTEGER NOT NULL,
  actor TEXT NOT NULL,
  log_index INTEGER NOT NULL UNIQUE
) STRICT;
${appendOnly(['alias_moves', 'bases', 'revocations', 'collections'])}
`;

/** What is looked for at every opening, among evidence of other kinds that may be much. */
const REVOCATIONS = `
CREATE INDEX evidence_revocations ON evidence (digest) WHERE kind = 'revocation';
`;

/** Documents that are listed by what they are. */
const NOTICES = `
CREATE TABLE notices (
  digest TEXT PRIMARY KEY REFERENCES documents (digest),
  kind TEXT NOT NULL,
  log_index INTEGER NOT NULL UNIQUE
) STRICT;
CREATE INDEX notices_by_kind ON notices (kind, log_index);
${appendOnly(['notices'])}
`;

/** Never edit one that was released: add the next. */
export const CONTROL_MIGRATIONS: readonly string[] = [REGISTRY, CATALOGUE, REVOCATIONS, NOTICES];
