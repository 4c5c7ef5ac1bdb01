/**
 * A dataset's signature: a DSSE envelope with an in-toto statement whose subject is the version.
 *
 * Signed is what the rows say, not how the file is written: any file of the same rows verifies, and
 * one changed, added or removed row does not. File and envelope are attacker-controlled until the
 * signature verified and the version was computed again from the rows.
 *
 * @module
 */
import {
  canonicalJson,
  IN_TOTO_PAYLOAD_TYPE,
  parseEnvelope,
  parseStatement,
  signStatement,
  verifyEnvelope,
} from '@proofmark/core';
import type { PublicKey, Signer } from '@proofmark/core';
import { EvalsError, readDataset } from '@proofmark/evals';
import type { Dataset } from '@proofmark/evals';

const PREDICATE_TYPE = 'https://proofmark.dev/attestation/dataset/v1';

/** The dataset that the bytes hold. @throws {EvalsError} EVALS_DATASET_INVALID */
export function readDatasetBytes(bytes: Uint8Array): Dataset {
  let text: string;
  try {
    // Other decoders put U+FFFD for what is no UTF-8, and then two files would be one version.
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new EvalsError('EVALS_DATASET_INVALID', 'cannot read the dataset: it is no UTF-8', {
      cause,
    });
  }
  return readDataset(text);
}

/** The envelope, as it is written beside the dataset `name`. */
export async function signDataset(
  { digest, rows }: Dataset,
  name: string,
  signer: Signer,
): Promise<string> {
  const envelope = await signStatement(
    {
      subject: [{ name, digest: { sha256: digest } }],
      predicateType: PREDICATE_TYPE,
      predicate: { rows: rows.length, digestOf: 'canonical rows, sorted by id' },
    },
    [signer],
  );
  return `${canonicalJson({ ...envelope })}\n`;
}

/** What `verifyDataset` found. `signer` signed `signed`; the rows are `found`. */
export interface DatasetVerdict {
  readonly outcome: 'pass' | 'fail';
  readonly signer: string;
  readonly signed: { readonly digest: string; readonly rows: number };
  readonly found: { readonly digest: string; readonly rows: number };
}

/**
 * @throws {CoreError} CORE_SIGNATURE_INVALID, CORE_ENVELOPE_INVALID, CORE_STATEMENT_INVALID,
 *   CORE_JSON_INVALID; {EvalsError} EVALS_DATASET_INVALID
 */
export function verifyDataset(
  bytes: Uint8Array,
  signature: Uint8Array,
  trusted: readonly PublicKey[],
): DatasetVerdict {
  const { payloadType, payload, keyIds } = verifyEnvelope(parseEnvelope(signature), trusted);
  const { subject, predicateType, predicate } = parseStatement(payload);
  const digest = subject[0]?.digest['sha256'];
  const rows = predicate['rows'];
  if (
    payloadType !== IN_TOTO_PAYLOAD_TYPE ||
    predicateType !== PREDICATE_TYPE ||
    subject.length !== 1 ||
    digest === undefined ||
    typeof rows !== 'number'
  ) {
    throw new EvalsError(
      'EVALS_DATASET_INVALID',
      'cannot use the signature: what it signs is no dataset',
    );
  }
  const dataset = readDatasetBytes(bytes);
  const found = { digest: dataset.digest, rows: dataset.rows.length };
  return {
    outcome: found.digest === digest && found.rows === rows ? 'pass' : 'fail',
    signer: keyIds[0] ?? '',
    signed: { digest, rows },
    found,
  };
}
