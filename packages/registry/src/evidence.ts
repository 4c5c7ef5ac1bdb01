/**
 * Evidence: signed statements about one manifest digest, by kind.
 *
 * Reading verifies at least one signature against the keys that are passed in, and parses the
 * predicate strictly. It does not say that the evidence is favourable, fresh, or signed by the right
 * key for its kind: that is what the gate decides, from the same value. Formats: docs/spec/evidence.md.
 *
 * @module
 */
import type { Envelope, Json, JsonObject, ModelIdentity, PublicKey, Signer } from '@proofmark/core';
import {
  CoreError,
  IN_TOTO_PAYLOAD_TYPE,
  canonicalJson,
  modelSubject,
  parseEnvelope,
  parseStatement,
  parseStrictJson,
  sha256Hex,
  signStatement,
  subjectManifest,
  verifyEnvelope,
} from '@proofmark/core';

import { RegistryError } from './errors.ts';
import { evidenceFault } from './evidence-fault.ts';
import type { DocumentKind } from './json-fields.ts';
import { Fields } from './json-fields.ts';
import type { ApprovalPredicate } from './predicates/approval.ts';
import { APPROVAL_PREDICATE_TYPE, buildApproval, readApproval } from './predicates/approval.ts';
import type { BomPredicate } from './predicates/bom.ts';
import { BOM_PREDICATE_TYPE, buildBom, readBom } from './predicates/bom.ts';
import type { DependenciesPredicate } from './predicates/dependencies.ts';
import {
  DEPENDENCIES_PREDICATE_TYPE,
  buildDependencies,
  readDependencies,
} from './predicates/dependencies.ts';
import type { ProvenancePredicate } from './predicates/provenance.ts';
import {
  PROVENANCE_PREDICATE_TYPE,
  buildProvenance,
  readProvenance,
} from './predicates/provenance.ts';
import type { RegressionPredicate } from './predicates/regression.ts';
import {
  REGRESSION_PREDICATE_TYPE,
  buildRegression,
  readRegression,
} from './predicates/regression.ts';
import type { RevocationPredicate } from './predicates/revocation.ts';
import {
  REVOCATION_PREDICATE_TYPE,
  buildRevocation,
  readRevocation,
} from './predicates/revocation.ts';
import type { ScanPredicate } from './predicates/scan.ts';
import { SCAN_PREDICATE_TYPE, buildScan, readScan } from './predicates/scan.ts';
import type { SecretsPredicate } from './predicates/secrets.ts';
import { SECRETS_PREDICATE_TYPE, buildSecrets, readSecrets } from './predicates/secrets.ts';
import type { ShadowPredicate } from './predicates/shadow.ts';
import { SHADOW_PREDICATE_TYPE, buildShadow, readShadow } from './predicates/shadow.ts';

/** What each kind of evidence says. */
export interface Predicates {
  readonly scan: ScanPredicate;
  readonly dependencies: DependenciesPredicate;
  readonly provenance: ProvenancePredicate;
  readonly regression: RegressionPredicate;
  readonly shadow: ShadowPredicate;
  readonly secrets: SecretsPredicate;
  readonly approval: ApprovalPredicate;
  readonly bom: BomPredicate;
  readonly revocation: RevocationPredicate;
}

export type EvidenceKind = keyof Predicates;

export interface EvidenceOf<Kind extends EvidenceKind> {
  /** SHA-256 of the envelope's canonical JSON. */
  readonly digest: string;
  readonly kind: Kind;
  readonly predicateType: string;
  readonly manifestDigest: string;
  /** Trusted keys whose signatures verified, at least one. */
  readonly keyIds: readonly string[];
  /** When the check finished, as its producer says, milliseconds since the Unix epoch. */
  readonly observedAtMs: number;
  readonly predicate: Predicates[Kind];
}

export type Evidence = { readonly [Kind in EvidenceKind]: EvidenceOf<Kind> }[EvidenceKind];

interface Format<Kind extends EvidenceKind> {
  readonly predicateType: string;
  readonly read: (predicate: Fields) => Predicates[Kind];
  readonly build: (predicate: Predicates[Kind]) => JsonObject;
  readonly observedAtMs: (predicate: Predicates[Kind]) => number;
}

/** One row per kind; nothing else enumerates predicate types. */
const FORMATS: { readonly [Kind in EvidenceKind]: Format<Kind> } = {
  scan: {
    predicateType: SCAN_PREDICATE_TYPE,
    read: readScan,
    build: buildScan,
    observedAtMs: (p) => p.finishedAtMs,
  },
  dependencies: {
    predicateType: DEPENDENCIES_PREDICATE_TYPE,
    read: readDependencies,
    build: buildDependencies,
    observedAtMs: (p) => p.finishedAtMs,
  },
  provenance: {
    predicateType: PROVENANCE_PREDICATE_TYPE,
    read: readProvenance,
    build: buildProvenance,
    observedAtMs: (p) => p.finishedAtMs,
  },
  regression: {
    predicateType: REGRESSION_PREDICATE_TYPE,
    read: readRegression,
    build: buildRegression,
    observedAtMs: (p) => p.finishedAtMs,
  },
  shadow: {
    predicateType: SHADOW_PREDICATE_TYPE,
    read: readShadow,
    build: buildShadow,
    observedAtMs: (p) => p.endedAtMs,
  },
  secrets: {
    predicateType: SECRETS_PREDICATE_TYPE,
    read: readSecrets,
    build: buildSecrets,
    observedAtMs: (p) => p.checkedAtMs,
  },
  approval: {
    predicateType: APPROVAL_PREDICATE_TYPE,
    read: readApproval,
    build: buildApproval,
    observedAtMs: (p) => p.approvedAtMs,
  },
  bom: {
    predicateType: BOM_PREDICATE_TYPE,
    read: readBom,
    build: buildBom,
    observedAtMs: (p) => p.createdAtMs,
  },
  revocation: {
    predicateType: REVOCATION_PREDICATE_TYPE,
    read: readRevocation,
    build: buildRevocation,
    observedAtMs: (p) => p.revokedAtMs,
  },
};

export const EVIDENCE_KINDS: readonly EvidenceKind[] = Object.keys(FORMATS) as EvidenceKind[];

/** Builds and signs evidence of one kind about one model. */
export async function signEvidence<Kind extends EvidenceKind>(
  kind: Kind,
  predicate: Predicates[Kind],
  model: ModelIdentity,
  signers: readonly Signer[],
): Promise<Envelope> {
  const format = FORMATS[kind];
  return signStatement(
    {
      subject: [modelSubject(model)],
      predicateType: format.predicateType,
      predicate: format.build(predicate),
    },
    signers,
  );
}

/**
 * Reads the envelope of an attestation; says nothing about its signatures but that there is one.
 *
 * @throws {RegistryError} REGISTRY_EVIDENCE_UNSIGNED, REGISTRY_EVIDENCE_TRUNCATED,
 *   REGISTRY_EVIDENCE_INVALID
 */
export function readEvidenceEnvelope(text: string): Envelope {
  try {
    const value = parseStrictJson(text);
    if (isUnsigned(value)) {
      throw new RegistryError(
        'REGISTRY_EVIDENCE_UNSIGNED',
        'cannot take the evidence: it carries no signature; have its producer sign it',
      );
    }
    return parseEnvelope(value);
  } catch (cause) {
    throw cause instanceof CoreError ? evidenceFault(cause, text) : cause;
  }
}

/** An envelope without signatures, or a bare statement. */
function isUnsigned(value: Json): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { signatures, predicateType } = value as JsonObject;
  return (
    (signatures === undefined && typeof predicateType === 'string') ||
    (Array.isArray(signatures) && signatures.length === 0)
  );
}

/**
 * Reads an attestation and verifies that one of `trusted` signed it.
 *
 * @throws {RegistryError} REGISTRY_EVIDENCE_UNTRUSTED, REGISTRY_EVIDENCE_TRUNCATED,
 *   REGISTRY_EVIDENCE_REORDERED, REGISTRY_EVIDENCE_INVALID
 */
export function readEvidence(envelope: Envelope, trusted: readonly PublicKey[]): Evidence {
  try {
    // Attacker-controlled until this line returns; the predicate's shape even after it.
    const { payloadType, payload, keyIds } = verifyEnvelope(envelope, trusted);
    if (payloadType !== IN_TOTO_PAYLOAD_TYPE) throw invalid('it is not an in-toto statement');
    const statement = parseStatement(payload);
    const manifestDigest = subjectManifest(statement);
    const kind = kindOf(statement.predicateType);
    const digest = sha256Hex(canonicalJson(envelope));
    return readKind(kind, statement.predicate, { digest, manifestDigest, keyIds });
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause;
    throw evidenceFault(cause, Buffer.from(envelope.payload, 'base64').toString('utf8'));
  }
}

function readKind<Kind extends EvidenceKind>(
  kind: Kind,
  predicate: JsonObject,
  about: Pick<Evidence, 'digest' | 'manifestDigest' | 'keyIds'>,
): Evidence {
  const format = FORMATS[kind];
  const document: DocumentKind = { what: `${kind} evidence`, code: 'REGISTRY_EVIDENCE_INVALID' };
  const read = format.read(new Fields(predicate, document));
  const evidence: EvidenceOf<Kind> = {
    ...about,
    kind,
    predicateType: format.predicateType,
    observedAtMs: format.observedAtMs(read),
    predicate: read,
  };
  // The union member for `kind` is exactly EvidenceOf<Kind>; TypeScript cannot see the correlation.
  return evidence as EvidenceOf<EvidenceKind> as Evidence;
}

/**
 * What an attestation claims to be, without its signature being verified: for lists and comparisons.
 *
 * @throws {CoreError} for what is no statement about one manifest, {RegistryError} for another kind
 */
export function claimOf(envelope: Envelope): Pick<Evidence, 'kind' | 'manifestDigest'> {
  const statement = parseStatement(Buffer.from(envelope.payload, 'base64'));
  return { kind: kindOf(statement.predicateType), manifestDigest: subjectManifest(statement) };
}

function kindOf(predicateType: string): EvidenceKind {
  const kind = EVIDENCE_KINDS.find((k) => FORMATS[k].predicateType === predicateType);
  if (kind === undefined) throw invalid('its predicate type is not one the registry reads');
  return kind;
}

function invalid(why: string): RegistryError {
  return new RegistryError('REGISTRY_EVIDENCE_INVALID', `cannot take the evidence: ${why}`);
}
