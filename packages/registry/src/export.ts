/**
 * Exports a recorded decision: collects its documents from the store and their proofs from the log.
 *
 * @module
 */
import { excerpt, parseEnvelope } from '@proofmark/core';

import type { RegistryContext } from './context.ts';
import { evidenceAbout, requireDocument, trustRevocations } from './context.ts';
import { EXPORT_FORMAT } from './decision-export.ts';
import type { DecisionExport, ExportedRecord } from './decision-export.ts';
import { RegistryError } from './errors.ts';
import type { ExportedEvidence, ExportedTrustRevocation } from './exported-evidence.ts';
import { exportEvidence } from './exported-evidence.ts';
import { formerPromotion } from './promotion.ts';
import type { PromotionRecord } from './promotion-record.ts';
import { isRollback, readRecord } from './promotion-record.ts';
import type { RecordRow } from './store.ts';

/** Collects the documents of one record. @throws {RegistryError} REGISTRY_NOT_FOUND */
export async function exportDecision(
  context: Pick<RegistryContext, 'store' | 'log' | 'signer'>,
  recordDigest: string,
): Promise<DecisionExport> {
  const { store } = context;
  const row = await store.record(recordDigest);
  if (row === null) {
    throw new RegistryError(
      'REGISTRY_NOT_FOUND',
      `cannot export record ${excerpt(recordDigest)}: there is no such record`,
    );
  }
  const exported = await exportRecord(context, recordDigest, row.logIndex);
  const record = readRecord(parseEnvelope(exported.envelope), [context.signer.publicKey]);
  // The one that was gone back to: an earlier one, all of whose evidence the record names.
  const isBehind = (earlier: RecordRow, { evidenceDigests }: PromotionRecord): boolean =>
    earlier.logIndex < row.logIndex &&
    evidenceDigests.every((digest) => record.evidenceDigests.includes(digest));
  const former = isRollback(record)
    ? await formerPromotion(context, record, { policy: record, alias: record.alias }, isBehind)
    : null;
  const evidence: ExportedEvidence[] = [];
  const revokedSince: ExportedEvidence[] = [];
  for (const item of await evidenceAbout(store, record.manifestDigest)) {
    const named = record.evidenceDigests.includes(item.digest);
    if (!named && item.kind !== 'revocation') continue;
    const envelope = await store.document(item.digest);
    if (envelope === null) continue;
    const taken = await exportEvidence(context.log, item, envelope);
    (named ? evidence : revokedSince).push(taken);
  }
  return {
    format: EXPORT_FORMAT,
    record: exported,
    former:
      former === null ? null : await exportRecord(context, former.row.digest, former.row.logIndex),
    bundle: await requireDocument(store, record.bundleDigest),
    manifest: await requireDocument(store, record.manifestDigest),
    evidence,
    revokedSince,
    trustRevocations: await exportTrustRevocations(context),
  };
}

async function exportTrustRevocations({
  store,
  log,
}: Pick<RegistryContext, 'store' | 'log'>): Promise<readonly ExportedTrustRevocation[]> {
  const taken: ExportedTrustRevocation[] = [];
  for (const { digest, logIndex } of await trustRevocations(store)) {
    const envelope = await requireDocument(store, digest);
    taken.push({ digest, envelope, proof: await log.proof(logIndex) });
  }
  return taken;
}

async function exportRecord(
  { store, log }: Pick<RegistryContext, 'store' | 'log'>,
  digest: string,
  logIndex: number,
): Promise<ExportedRecord> {
  const envelope = await requireDocument(store, digest);
  const row = await store.record(digest);
  const policyDigest = row?.policyDigest ?? digest;
  return {
    envelope,
    policy: await requireDocument(store, policyDigest),
    proof: await log.proof(logIndex),
  };
}
