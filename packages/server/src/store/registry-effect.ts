/**
 * What settling an entry writes into control.db.
 *
 * @module
 */
import type {
  AliasChange,
  AliasRow,
  MarkChange,
  PendingEntry,
  RecordRow,
} from '@proofmark/registry';
import { aliasAfter, aliasMoved, aliasOf, revokesModel } from '@proofmark/registry';

import { integer } from './row.ts';
import type { Statements } from './statements.ts';

/** Called inside the transaction that settles the entry. */
export function applyEffect(
  sql: Statements,
  { digest, effect, documents }: PendingEntry,
  logIndex: number,
): void {
  keepDocuments(sql, documents);
  switch (effect.kind) {
    case 'version': {
      const v = effect.version;
      sql.insert('versions', [
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
      const { kind, manifestDigest, observedAtMs, attachedAtMs, attachedBy } = effect.evidence;
      const times = [observedAtMs, attachedAtMs];
      sql.insert('evidence', [digest, kind, manifestDigest, ...times, attachedBy, logIndex]);
      const document = documents.find((one) => one.digest === digest)?.text;
      if (kind === 'revocation') noteRevocation(sql, digest, manifestDigest, document);
      break;
    }
    case 'record':
      applyRecord(sql, effect.record, logIndex);
      break;
    case 'alias':
      applyMove(sql, effect.move, logIndex);
      break;
    case 'mark':
      applyMark(sql, effect.change);
      break;
    case 'base': {
      const { manifestDigest, source, base, baseManifestDigest, actor, recordedAtMs } = effect.base;
      const from = [source, base, baseManifestDigest];
      sql.insert('bases', [digest, manifestDigest, ...from, actor, recordedAtMs, logIndex]);
      break;
    }
    case 'collection': {
      const { planDigest, fileCount, totalBytes, collectedAtMs, actor } = effect.collection;
      const sizes = [fileCount, totalBytes];
      sql.insert('collections', [digest, planDigest, ...sizes, collectedAtMs, actor, logIndex]);
      break;
    }
    case 'notice':
      sql.insert('notices', [digest, effect.notice, logIndex]);
      break;
    case 'document':
      break;
  }
}

function keepDocuments(sql: Statements, documents: PendingEntry['documents']): void {
  for (const document of documents) {
    sql.run('INSERT INTO documents (digest, text) VALUES (?, ?) ON CONFLICT DO NOTHING', [
      document.digest,
      document.text,
    ]);
  }
}

export function noteRevocation(
  sql: Statements,
  digest: string,
  manifestDigest: string,
  document: string | undefined,
): void {
  sql.run('INSERT INTO revocations VALUES (?, ?, ?) ON CONFLICT DO NOTHING', [
    digest,
    manifestDigest,
    revokesModel(document) ? 1 : 0,
  ]);
}

function applyRecord(sql: Statements, record: Omit<RecordRow, 'logIndex'>, logIndex: number): void {
  if (record.action !== 'denial') checkGeneration(sql, record);
  sql.insert('records', [
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
  if (record.action !== 'denial') setAlias(sql, aliasOf(record));
}

function applyMove(sql: Statements, move: AliasChange, logIndex: number): void {
  checkGeneration(sql, move);
  sql.insert('alias_moves', [
    move.digest,
    move.environment,
    move.alias,
    move.name,
    move.version,
    move.manifestDigest,
    move.generation,
    move.actor,
    move.reason,
    move.movedAtMs,
    logIndex,
  ]);
  setAlias(sql, aliasAfter(move));
}

function applyMark(sql: Statements, { name, version, kind, key, value }: MarkChange): void {
  const at = [name, version, kind, key];
  sql.run('DELETE FROM marks WHERE name = ? AND version = ? AND kind = ? AND key = ?', at);
  if (value !== null) sql.insert('marks', [...at, value]);
}

/** The compare of compare-and-set: the alias must stand exactly one generation before. */
function checkGeneration(
  sql: Statements,
  move: Pick<AliasRow, 'environment' | 'alias' | 'generation'>,
): void {
  const query = 'SELECT generation FROM aliases WHERE environment = ? AND alias = ?';
  const row = sql.get(query, move.environment, move.alias);
  const current = row === undefined ? 0 : integer(row, 'generation');
  if (move.generation !== current + 1) throw aliasMoved(move, current);
}

function setAlias(sql: Statements, alias: AliasRow): void {
  sql.run('DELETE FROM aliases WHERE environment = ? AND alias = ?', [
    alias.environment,
    alias.alias,
  ]);
  sql.insert('aliases', [
    alias.environment,
    alias.alias,
    alias.name,
    alias.version,
    alias.manifestDigest,
    alias.generation,
    alias.recordDigest,
    alias.movedAtMs,
  ]);
}
