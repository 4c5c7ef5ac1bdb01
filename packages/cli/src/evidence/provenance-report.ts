/**
 * Takes the provenance that a builder signed and says it about a registered model.
 *
 * A builder names files; the registry's evidence names one manifest digest. They meet when every file
 * of the model is a subject of the builder's statement, or the model itself is, by its manifest
 * digest. A statement about some of the files is about another build.
 *
 * @module
 */
import type { PublicKey } from '@proofmark/core';
import {
  CoreError,
  IN_TOTO_PAYLOAD_TYPE,
  canonicalJson,
  excerpt,
  parseStatement,
  sha256Hex,
  verifyEnvelope,
} from '@proofmark/core';
import type { Statement } from '@proofmark/core';
import { readBuilderStatement, readEvidenceEnvelope } from '@proofmark/registry';
import type { ProvenancePredicate } from '@proofmark/registry';

import { CliError } from '../errors.ts';

const SLSA_V1 = 'https://slsa.dev/provenance/v1';

export interface ProvenanceInput {
  /** DSSE envelope over an in-toto Statement v1 with SLSA Provenance v1. */
  readonly report: Uint8Array;
  /** Keys of builders that are believed. */
  readonly signers: readonly PublicKey[];
  readonly manifestDigest: string;
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
  /** For a builder that does not say when it finished: milliseconds since the Unix epoch. */
  readonly builtAtMs: number | null;
}

/** @throws {CliError} CLI_USAGE, CLI_EVIDENCE_INVALID; {RegistryError} REGISTRY_EVIDENCE_* */
export function readProvenanceReport(input: ProvenanceInput): ProvenancePredicate {
  if (input.signers.length === 0) {
    throw new CliError(
      'CLI_USAGE',
      'cannot take the provenance: name the key of a builder that is believed with --signer',
    );
  }
  const envelope = readEvidenceEnvelope(Buffer.from(input.report).toString('utf8'));
  const statement = verifiedStatement(envelope, input.signers);
  if (statement.predicateType !== SLSA_V1) {
    throw refuse(`its predicate is ${excerpt(statement.predicateType)}, not ${SLSA_V1}`);
  }
  checkSubjects(statement, input);
  return readBuilderStatement({
    predicate: statement.predicate,
    digest: sha256Hex(canonicalJson(envelope)),
    builtAtMs: input.builtAtMs,
  });
}

function verifiedStatement(
  envelope: Parameters<typeof verifyEnvelope>[0],
  signers: readonly PublicKey[],
): Statement {
  try {
    // The builder's words until here; those of a believed builder from here on.
    const { payloadType, payload } = verifyEnvelope(envelope, signers);
    if (payloadType !== IN_TOTO_PAYLOAD_TYPE) throw refuse('it is not an in-toto statement');
    return parseStatement(payload);
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause;
    throw refuse(cause.message, cause);
  }
}

function checkSubjects(
  { subject }: Statement,
  { manifestDigest, files }: Pick<ProvenanceInput, 'manifestDigest' | 'files'>,
): void {
  if (subject.some(({ digest }) => digest['manifest'] === manifestDigest)) return;
  const built = new Set(subject.map(({ digest }) => digest['sha256']));
  const stranger = files.find(({ sha256 }) => !built.has(sha256));
  if (stranger === undefined && files.length > 0) return;
  throw refuse(
    `it is about another build: ${excerpt(stranger?.path ?? 'the model')} is not among its ${subject.length} subjects`,
  );
}

function refuse(why: string, cause?: unknown): CliError {
  return new CliError(
    'CLI_EVIDENCE_INVALID',
    `cannot take the provenance: ${why}; ask the builder for the signed statement about exactly these files`,
    { cause },
  );
}
