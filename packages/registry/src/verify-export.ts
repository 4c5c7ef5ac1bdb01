/**
 * The check of an exported decision, without a server.
 *
 * `verifyExport` believes nothing of the file: it recomputes every digest, verifies every signature
 * and inclusion proof, runs the gate again as of the recorded time, and compares. What it has to be
 * given from elsewhere is who to trust: the registry's key, the log's key and, if the caller insists
 * on one, the policy's digest.
 *
 * @module
 */
import type { PublicKey } from '@proofmark/core';
import { canonicalJson, parseEnvelope, parseStrictJson, sha256Hex } from '@proofmark/core';
import type { LogTrust } from '@proofmark/tlog';
import { TlogError, encodeEntry, verifyTlogProof } from '@proofmark/tlog';

import { refuseExport as refuse } from './decision-export.ts';
import type { DecisionExport, ExportedRecord } from './decision-export.ts';
import { RegistryError } from './errors.ts';
import { claimOf } from './evidence.ts';
import type { ExportedTrustRevocation } from './exported-evidence.ts';
import {
  nameOf,
  verifyExportedEvidence,
  verifyExportedTrustRevocation,
} from './exported-evidence.ts';
import type { GateDocuments } from './gate-evidence.ts';
import { readGateEvidence } from './gate-evidence.ts';
import type { CompileRule } from './gates/custom-rule.ts';
import type { Decision } from './gates/decide.ts';
import { decide } from './gates/decide.ts';
import type { GatePolicy } from './gates/policy.ts';
import { keyring, readGatePolicy } from './gates/policy.ts';
import type { RollbackDecision } from './gates/rollback.ts';
import { decideRollback } from './gates/rollback.ts';
import type { GateEvidence, GateSubject, RuleResult } from './gates/rule-result.ts';
import { readManifestText } from './model-signature.ts';
import type { PromotionRecord } from './promotion-record.ts';
import { isRollback, readRecord, recordEntry } from './promotion-record.ts';
import { isRecordRevoked } from './trust-revocation.ts';

export interface ExportTrust {
  /** Keys of registries whose records count. */
  readonly recordKeys: readonly PublicKey[];
  readonly log: LogTrust;
  /** The policy that must have decided; omitted: whichever the record names. */
  readonly policyDigest?: string;
  /** Compiles rules of the policy's own; without it such a decision cannot be confirmed. */
  readonly compileRule?: CompileRule;
  /** Keys that may revoke keys beside those of the policy that decided, which may be an old one. */
  readonly revokers?: readonly PublicKey[];
  /** Asks only whether the decision was right when it was made, whatever was revoked since. */
  readonly asDecided?: boolean;
}

/** What a verified export proves. */
export interface VerifiedDecision {
  readonly record: PromotionRecord;
  readonly recordDigest: string;
  readonly logIndex: number;
  /** The decision as computed here. */
  readonly decision: Decision;
}

/**
 * Recomputes a recorded decision from its export, and asks whether what it rests on was revoked since:
 * as far as the file tells, which holds the revocations of the time when it was made.
 *
 * @throws {RegistryError} REGISTRY_EXPORT_INVALID when anything does not match;
 *   REGISTRY_RECORD_INVALID when no trusted key signed the record; REGISTRY_EVIDENCE_UNPROVEN when an
 *   attestation is not shown to be in the log before the record; REGISTRY_DECISION_REVOKED when it was
 *   right and is no longer, with the `codes` of the rules
 */
export function verifyExport(exported: DecisionExport, trust: ExportTrust): VerifiedDecision {
  const main = verifyExportedRecord(exported.record, trust);
  const { record } = main;
  if (trust.policyDigest !== undefined && trust.policyDigest !== record.policyDigest) {
    throw refuse(`policy ${record.policyDigest.slice(0, 12)} decided, not the one you trust`);
  }
  if (sha256Hex(exported.bundle) !== record.bundleDigest) throw refuse('the bundle is another one');
  checkFacts(exported, record);
  const then = asOfDecision(exported, checkEvidence(exported, main, trust.log));
  const decision = recompute(then, main, trust);
  const claimed = record.action === 'denial' ? 'deny' : 'allow';
  if (decision.outcome !== claimed) {
    throw refuse(
      `the record says ${claimed}, its evidence says ${decision.outcome}${describeDenied(decision)}`,
    );
  }
  if (!sameDigests(decision.evidenceDigests, record.evidenceDigests)) {
    throw refuse('the record names other evidence than its rules look at');
  }
  if (trust.asDecided !== true && claimed === 'allow') {
    const now = recompute(exported, main, trust);
    if (now.outcome === 'deny') throw revokedSince(record, now);
    const known = exported.trustRevocations.map(({ envelope }) => parseEnvelope(envelope));
    const revokers = [...keyring(main.policy), ...(trust.revokers ?? [])];
    if (isRecordRevoked(known, main.digest, revokers)) throw revokedSince(record, null);
  }
  return { record, recordDigest: main.digest, logIndex: main.logIndex, decision };
}

/** The decision as of its own time, from what `exported` holds of revocations. */
function recompute(
  exported: DecisionExport,
  main: CheckedRecord,
  trust: ExportTrust,
): Decision | RollbackDecision {
  const { record, policy } = main;
  return isRollback(record)
    ? recomputeRollback(exported, main, trust)
    : decide(policy, read(exported, main, trust), subjectOf(record, exported), record.decidedAtMs);
}

/** Without the revocations that came after the decision. */
function asOfDecision(
  exported: DecisionExport,
  trustRevocations: readonly ExportedTrustRevocation[],
): DecisionExport {
  return { ...exported, revokedSince: [], trustRevocations };
}

/**
 * Exactly the attestations that the record names, each with the bytes that its digest is of and in
 * the log before it: what was removed, added or changed is called by its kind and digest.
 *
 * @returns the revocations of keys and records that the log held before the decision
 */
function checkEvidence(
  exported: DecisionExport,
  { record, logIndex }: CheckedRecord,
  log: LogTrust,
): readonly ExportedTrustRevocation[] {
  const before = exported.trustRevocations.filter(
    (item) => verifyExportedTrustRevocation(item, log) < logIndex,
  );
  for (const item of exported.revokedSince) verifyExportedEvidence(item, log, Infinity);
  const named = new Set(record.evidenceDigests);
  const seen = new Set([record.bundleDigest, ...before.map(({ digest }) => digest)]);
  for (const item of exported.evidence) {
    const { digest } = item;
    if (!named.has(digest)) throw refuse(`the record does not name the ${nameOf(item)}`);
    if (seen.has(digest)) throw refuse(`the ${nameOf(item)} is there twice`);
    seen.add(digest);
    verifyExportedEvidence(item, log, logIndex);
  }
  const missing = record.evidenceDigests.find((digest) => !seen.has(digest));
  if (missing !== undefined) {
    throw refuse(`the attestation ${missing.slice(0, 12)} that the record names is missing`);
  }
  return before;
}

function describeDenied(decision: Decision | RollbackDecision): string {
  const denied = deniedRules(decision);
  return denied.length === 0 ? '' : ` (${denied.map((r) => `${r.rule}: ${r.code}`).join(', ')})`;
}

/** Those of the replay of a rollback too. */
function deniedRules(decision: Decision | RollbackDecision): readonly RuleResult[] {
  const replayed = 'replayed' in decision ? decision.replayed.rules : [];
  return [...decision.rules, ...replayed].filter((rule) => rule.outcome !== 'pass' && !rule.dryRun);
}

/**
 * Judges the exported evidence again: now, or by another policy. The record says what it is about,
 * so it must be trusted; whether the decision of then still holds is `verifyExport`'s question.
 *
 * @throws {RegistryError} as `verifyExport`
 */
export function judgeExport(
  exported: DecisionExport,
  trust: ExportTrust,
  { policy, nowMs }: { readonly policy?: GatePolicy; readonly nowMs: number },
): Decision {
  const main = verifyExportedRecord(exported.record, trust);
  checkEvidence(exported, main, trust.log);
  const judged = policy ?? main.policy;
  const evidence = readGateEvidence({
    policy: judged,
    subject: subjectOf(main.record, exported),
    documents: documentsOf(exported, main.record),
    nowMs,
  });
  return decide(judged, evidence, subjectOf(main.record, exported), nowMs);
}

/** What the record says of the files must be what the manifest says. */
function checkFacts(exported: DecisionExport, record: PromotionRecord): void {
  if (sha256Hex(exported.manifest) !== record.manifestDigest) {
    throw refuse('the manifest is another one');
  }
  const files = readManifestText(exported.manifest);
  const bytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  if (files.length !== record.fileCount || bytes !== record.totalBytes) {
    throw refuse('the record counts other files than its manifest');
  }
}

interface CheckedRecord {
  readonly record: PromotionRecord;
  readonly policy: GatePolicy;
  readonly digest: string;
  readonly logIndex: number;
}

function verifyExportedRecord(exported: ExportedRecord, trust: ExportTrust): CheckedRecord {
  const envelope = parseEnvelope(exported.envelope);
  const record = readRecord(envelope, trust.recordKeys);
  const digest = sha256Hex(exported.envelope);
  if (canonicalJson(envelope) !== exported.envelope) throw refuse('the record was written anew');
  if (sha256Hex(exported.policy) !== record.policyDigest) {
    throw refuse('the policy is not the one that decided');
  }
  const policy = readGatePolicy(parseStrictJson(exported.policy), trust.compileRule ?? null);
  if (policy.environment !== record.environment)
    throw refuse('the policy is for another environment');
  try {
    const entry = encodeEntry(recordEntry(record.action, digest));
    const { index } = verifyTlogProof(exported.proof, entry, trust.log);
    return { record, policy, digest, logIndex: index };
  } catch (cause) {
    if (!(cause instanceof TlogError)) throw cause;
    throw new RegistryError(
      'REGISTRY_EXPORT_INVALID',
      `cannot confirm the exported decision: the record is not shown to be in the log: ${cause.message}`,
      { cause },
    );
  }
}

function recomputeRollback(
  exported: DecisionExport,
  main: CheckedRecord,
  trust: ExportTrust,
): RollbackDecision {
  if (exported.former === null) throw refuse('the promotion that it goes back to is missing');
  const former = verifyExportedRecord(exported.former, trust);
  const place = (r: PromotionRecord): string =>
    [r.environment, r.alias, r.manifestDigest, r.bundleDigest].join(' ');
  if (former.record.action !== 'promotion' || place(former.record) !== place(main.record)) {
    throw refuse('the promotion that it goes back to is one of another alias or model');
  }
  return decideRollback(
    {
      policy: former.policy,
      evidence: read(exported, former, trust),
      evidenceDigests: former.record.evidenceDigests,
      decidedAtMs: former.record.decidedAtMs,
      replaces: former.record.previousManifestDigest,
    },
    { policy: main.policy, evidence: read(exported, main, trust) },
    subjectOf(main.record, exported),
    main.record.decidedAtMs,
  );
}

function read(
  exported: DecisionExport,
  { record, policy }: CheckedRecord,
  { revokers }: ExportTrust,
): readonly GateEvidence[] {
  return readGateEvidence({
    policy,
    subject: subjectOf(record, exported),
    documents: documentsOf(exported, record),
    nowMs: record.decidedAtMs,
    ...(revokers === undefined ? {} : { revokers }),
  });
}

function documentsOf(exported: DecisionExport, record: PromotionRecord): GateDocuments {
  return {
    bundleDigest: record.bundleDigest,
    bundle: exported.bundle,
    manifest: exported.manifest,
    attached: [...exported.evidence, ...exported.revokedSince].map(
      ({ digest, kind, envelope }) => ({ digest, kind, text: envelope }),
    ),
    trustRevocations: exported.trustRevocations.map(({ digest, envelope }) => ({
      digest,
      text: envelope,
    })),
  };
}

function subjectOf(record: PromotionRecord, exported: DecisionExport): GateSubject {
  const { name, version, manifestDigest, omsRoot, fileCount, totalBytes, registeredBy } = record;
  const replaces = record.previousManifestDigest;
  // A revocation of another model is among what the record names only because it is one of a base.
  const bases = [...exported.evidence, ...exported.revokedSince]
    .filter(({ kind }) => kind === 'revocation')
    .map(({ envelope }) => claimOf(parseEnvelope(envelope)).manifestDigest)
    .filter((digest) => digest !== manifestDigest);
  const size = { fileCount, totalBytes };
  return { name, version, manifestDigest, omsRoot, ...size, registeredBy, replaces, bases };
}

function sameDigests(a: readonly string[], b: readonly string[]): boolean {
  return a.toSorted().join() === b.toSorted().join();
}

/** @param now null when the record itself was revoked */
function revokedSince(
  { action, name, version }: PromotionRecord,
  now: Decision | RollbackDecision | null,
): RegistryError {
  const why = now === null ? ' (its record)' : describeDenied(now);
  const codes = now === null ? [] : deniedRules(now).map(({ code }) => code);
  return new RegistryError(
    'REGISTRY_DECISION_REVOKED',
    `cannot rely on the ${action} of ${name}@${version}: it was right when it was made, and what it rests on was revoked since${why}; promote a version with evidence that holds`,
    { details: { codes: codes.join(' ') } },
  );
}
