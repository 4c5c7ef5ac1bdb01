/**
 * The three signed records of what was decided about an alias: promotion, rollback, denial.
 *
 * Promotion and rollback are in-toto Simple Verification Results (predicate type
 * `https://in-toto.io/attestation/svr/v0.2`) whose `properties` name the rules that passed; what SVR
 * has no field for stands under `proofmark`: the alias, the generation, the digest of the record
 * before, and the digest of every attestation the decision rests on, so that an attestation that is
 * removed later is missed. SVR has no failing form, so a denial has a predicate type of its own,
 * `urn:proofmark:denial:v1`. Byte layout: docs/spec/promotion-record.md.
 *
 * A record proves that the control plane's key said so. Whether the record is in the log, and
 * whether the key is trusted, is the caller's to check; `readRecord` checks the second.
 *
 * @module
 */
import type { Envelope, JsonObject, ModelIdentity, PublicKey, Signer } from '@proofmark/core';
import {
  CoreError,
  IN_TOTO_PAYLOAD_TYPE,
  canonicalJson,
  isSha256Hex,
  isoTime,
  modelSubject,
  parseStatement,
  sha256Hex,
  signStatement,
  subjectManifest,
  verifyEnvelope,
} from '@proofmark/core';

import type { LogEntry } from '@proofmark/tlog';

import { RegistryError } from './errors.ts';
import type { DocumentKind } from './json-fields.ts';
import { Fields } from './json-fields.ts';
import { ACTOR, LABEL, MODEL_NAME, MODEL_VERSION } from './version.ts';

export const SVR_PREDICATE_TYPE = 'https://in-toto.io/attestation/svr/v0.2';
export const DENIAL_PREDICATE_TYPE = 'urn:proofmark:denial:v1';

export type RecordAction = 'promotion' | 'rollback' | 'denial';

/** What a record says. Units and meaning, field by field: docs/spec/promotion-record.md. */
export interface PromotionRecord {
  readonly action: RecordAction;
  /** Name and version are labels; the digests are the identity. */
  readonly name: string;
  readonly version: string;
  readonly omsRoot: string;
  readonly manifestDigest: string;
  readonly bundleDigest: string;
  /** Facts of the registration that rules look at. */
  readonly fileCount: number;
  readonly totalBytes: number;
  readonly registeredBy: string;
  readonly environment: string;
  readonly alias: string;
  /** Counts the moves of the alias from 1. A denial carries the generation it would have made. */
  readonly generation: number;
  /** Manifest digest that the alias pointed to before, null for the first move. */
  readonly previousManifestDigest: string | null;
  /** Digest of the record that made the previous generation, null for the first. */
  readonly previousRecordDigest: string | null;
  readonly policyName: string;
  readonly policyDigest: string;
  /** Digest of every attestation the decision looked at, sorted, without repeats. */
  readonly evidenceDigests: readonly string[];
  /** Rules that passed, e.g. `gate:scan`; a denial lists the rules that did not. */
  readonly properties: readonly string[];
  /** Rules the policy leaves out, with the reason it gives. */
  readonly omitted: Readonly<Record<string, string>>;
  readonly decidedAtMs: number;
  readonly actor: string;
  readonly reason: string;
  /** Who verified: a URI of the control plane. */
  readonly verifierId: string;
}

const RECORD: DocumentKind = { what: 'promotion record', code: 'REGISTRY_RECORD_INVALID' };
const MAX_EVIDENCE = 10_000;

/** Signs a record with the control plane's key. */
export async function signRecord(record: PromotionRecord, signer: Signer): Promise<Envelope> {
  const model: ModelIdentity = {
    name: `${record.name}@${record.version}`,
    omsRoot: record.omsRoot,
    manifestDigest: record.manifestDigest,
  };
  return signStatement(
    {
      subject: [modelSubject(model)],
      predicateType: record.action === 'denial' ? DENIAL_PREDICATE_TYPE : SVR_PREDICATE_TYPE,
      predicate: buildPredicate(record),
    },
    [signer],
  );
}

/** SHA-256 of the envelope's canonical JSON: the digest that the log entry carries. */
export function envelopeDigest(envelope: Envelope): string {
  return sha256Hex(canonicalJson(envelope));
}

/** The entry that the log holds for a record: its action and its digest. */
export function recordEntry(action: RecordAction, digest: string): LogEntry {
  return { kind: action, digest };
}

/**
 * Reads a record and verifies that one of `trusted` signed it.
 *
 * @throws {RegistryError} REGISTRY_RECORD_INVALID
 */
export function readRecord(envelope: Envelope, trusted: readonly PublicKey[]): PromotionRecord {
  try {
    const { payloadType, payload } = verifyEnvelope(envelope, trusted);
    if (payloadType !== IN_TOTO_PAYLOAD_TYPE) throw refuse('it is not an in-toto statement');
    const statement = parseStatement(payload);
    const manifestDigest = subjectManifest(statement);
    const omsRoot = statement.subject[0]?.digest['sha256'];
    if (!isSha256Hex(omsRoot)) throw refuse('its subject has no sha256 digest');
    return readPredicate(statement.predicateType, statement.predicate, { manifestDigest, omsRoot });
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause;
    throw new RegistryError(
      'REGISTRY_RECORD_INVALID',
      `cannot trust the promotion record: ${cause.message}; get it again from the registry that made it, and check which key that registry signs with`,
      { cause },
    );
  }
}

function buildPredicate(record: PromotionRecord): JsonObject {
  return {
    verifier: { id: record.verifierId },
    timeCreated: isoTime(record.decidedAtMs),
    policies: [{ name: record.policyName, digest: { sha256: record.policyDigest } }],
    properties: record.properties,
    proofmark: {
      action: record.action,
      name: record.name,
      version: record.version,
      bundleDigest: record.bundleDigest,
      fileCount: record.fileCount,
      totalBytes: record.totalBytes,
      registeredBy: record.registeredBy,
      environment: record.environment,
      alias: record.alias,
      generation: record.generation,
      previousManifestDigest: record.previousManifestDigest,
      previousRecordDigest: record.previousRecordDigest,
      inputAttestations: record.evidenceDigests.map((sha256) => ({ digest: { sha256 } })),
      omitted: record.omitted,
      actor: record.actor,
      reason: record.reason,
    },
  };
}

function readPredicate(
  predicateType: string,
  predicate: JsonObject,
  subject: { readonly manifestDigest: string; readonly omsRoot: string },
): PromotionRecord {
  const outer = new Fields(predicate, RECORD);
  const own = outer.object('proofmark');
  const policy = outer.list('policies', (item) => ({
    policyName: item.text('name'),
    policyDigest: item.object('digest').digest('sha256'),
  }))[0];
  if (policy === undefined) throw outer.refuse('policies', 'no policy is named');
  const action = own.oneOf('action', ['promotion', 'rollback', 'denial']);
  const expected = action === 'denial' ? DENIAL_PREDICATE_TYPE : SVR_PREDICATE_TYPE;
  if (predicateType !== expected) throw own.refuse('action', `${action} in another predicate type`);
  return {
    action,
    name: own.text('name', { pattern: MODEL_NAME }),
    version: own.text('version', { pattern: MODEL_VERSION }),
    ...subject,
    bundleDigest: own.digest('bundleDigest'),
    fileCount: own.count('fileCount'),
    totalBytes: own.count('totalBytes'),
    registeredBy: own.text('registeredBy', { pattern: ACTOR }),
    environment: own.text('environment', { pattern: LABEL }),
    alias: own.text('alias', { pattern: LABEL }),
    generation: own.count('generation'),
    previousManifestDigest: own.has('previousManifestDigest')
      ? own.digest('previousManifestDigest')
      : null,
    previousRecordDigest: own.has('previousRecordDigest')
      ? own.digest('previousRecordDigest')
      : null,
    ...policy,
    evidenceDigests: own.list(
      'inputAttestations',
      (item) => item.object('digest').digest('sha256'),
      MAX_EVIDENCE,
    ),
    properties: outer.texts('properties', {}, MAX_EVIDENCE),
    omitted: readOmitted(own.object('omitted')),
    decidedAtMs: outer.time('timeCreated'),
    actor: own.text('actor', { pattern: ACTOR }),
    reason: own.text('reason'),
    verifierId: outer.object('verifier').text('id'),
  };
}

/** A denied rollback is a rollback too: its properties say what was asked. */
export function isRollback(record: PromotionRecord): boolean {
  return record.action === 'rollback' || record.properties.includes('asked:rollback');
}

function readOmitted(fields: Fields): Readonly<Record<string, string>> {
  return Object.fromEntries(fields.keys().map((key) => [key, fields.text(key)]));
}

function refuse(why: string): RegistryError {
  return new RegistryError('REGISTRY_RECORD_INVALID', `cannot read the promotion record: ${why}`);
}
