/**
 * Compares the log with the store: everything that was logged must still be there, unaltered and
 * listed, and every alias must point where its newest move put it.
 *
 * The log shows that a document of this digest existed; a store that lacks it, or holds other bytes
 * under its digest, lost it or was tampered with. A document that is kept but listed no more is as
 * good as gone: a revocation that no list names revokes nothing. Kinds that others log (receipts, for
 * one) are passed over.
 *
 * @module
 */
import { parseEnvelope, sha256Hex } from '@proofmark/core';
import { decodeEntry } from '@proofmark/tlog';
import type { LogEntry } from '@proofmark/tlog';

import { newestMove, pointsThere } from './alias.ts';
import { claimOf } from './evidence.ts';
import type { RecordLog } from './record-log.ts';
import type { RegistryStore } from './store.ts';

export interface AuditFinding {
  /** Null for an alias that nothing logged ever moved. */
  readonly logIndex: number | null;
  readonly entryKind: string;
  readonly digest: string;
  /**
   * `unlisted`: the document is there, the table that should name it does not, or names it as another
   * kind. `displaced`: an alias points elsewhere than its newest move says.
   */
  readonly problem: 'missing' | 'altered' | 'unlisted' | 'displaced';
}

export interface Audit {
  /** Entries of the registry's kinds that were compared. */
  readonly compared: number;
  readonly findings: readonly AuditFinding[];
}

const KINDS = new Set([
  'version',
  'evidence',
  'promotion',
  'rollback',
  'denial',
  'access',
  'alias',
  'mark',
  'base',
  'collection',
  'trust-revocation',
  'access-refused',
]);
const CHUNK = 1024;

/** Compares entries from `from` on. */
export async function audit(store: RegistryStore, log: RecordLog, from = 0): Promise<Audit> {
  const findings: AuditFinding[] = [];
  let compared = 0;
  const size = await log.size();
  for (let at = from; at < size; at += CHUNK) {
    const entries = await log.entries(at, Math.min(size, at + CHUNK));
    for (const [i, bytes] of entries.entries()) {
      const { kind, digest, by } = decodeEntry(bytes);
      if (!KINDS.has(kind)) continue;
      compared += 1;
      for (const named of by === undefined ? [digest] : [digest, by]) {
        const text = await store.document(named);
        const problem =
          problemOf(text, named) ??
          (named === by || (await isListed(store, { kind, digest }, text ?? ''))
            ? null
            : 'unlisted');
        if (problem === null) continue;
        findings.push({ logIndex: at + i, entryKind: kind, digest: named, problem });
      }
    }
  }
  return { compared, findings: [...findings, ...(await displacedAliases(store))] };
}

/** Whether the lists that decisions are made from name a document that is there. */
async function isListed(
  store: RegistryStore,
  { kind, digest }: Pick<LogEntry, 'kind' | 'digest'>,
  text: string,
): Promise<boolean> {
  if (kind === 'evidence') {
    const claim = claimOf(parseEnvelope(text));
    const rows = await store.evidence(claim.manifestDigest);
    return rows.some((row) => row.digest === digest && row.kind === claim.kind);
  }
  if (kind === 'trust-revocation' || kind === 'access-refused') {
    const rows = await store.notices(kind, Number.MAX_SAFE_INTEGER);
    return rows.some((row) => row.digest === digest);
  }
  if (kind === 'promotion' || kind === 'rollback' || kind === 'denial') {
    return (await store.record(digest))?.action === kind;
  }
  return true;
}

async function displacedAliases(store: RegistryStore): Promise<readonly AuditFinding[]> {
  const findings: AuditFinding[] = [];
  for (const row of await store.aliases()) {
    const newest = await newestMove(store, row);
    if (newest !== null && pointsThere(row, newest)) continue;
    findings.push({
      logIndex: newest?.logIndex ?? null,
      entryKind: 'alias',
      digest: row.recordDigest,
      problem: 'displaced',
    });
  }
  return findings;
}

function problemOf(text: string | null, digest: string): AuditFinding['problem'] | null {
  if (text === null) return 'missing';
  return sha256Hex(text) === digest ? null : 'altered';
}
