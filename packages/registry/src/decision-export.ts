/**
 * A recorded decision as one JSON document: what is in it, and how it is written to a file and read.
 *
 * The export holds the record, its proof of inclusion in the log, the policy, the model signature
 * bundle and every attestation that the record names, each with a proof of its own; for a rollback
 * also the promotion that it replays; and every revocation that was known when it was made.
 *
 * @module
 */
import type { Json, JsonObject } from '@proofmark/core';
import { parseStrictJson } from '@proofmark/core';

import { RegistryError } from './errors.ts';
import type { ExportedEvidence, ExportedTrustRevocation } from './exported-evidence.ts';
import { readExportedEvidence, readExportedTrustRevocation } from './exported-evidence.ts';
import type { DocumentKind } from './json-fields.ts';
import { Fields } from './json-fields.ts';

export const EXPORT_FORMAT = 'urn:proofmark:decision-export:v1';

/** One record with its policy and its place in the log. Envelope and policy are canonical JSON. */
export interface ExportedRecord {
  readonly envelope: string;
  readonly policy: string;
  /** `.tlog-proof` text. */
  readonly proof: string;
}

export interface DecisionExport {
  readonly format: typeof EXPORT_FORMAT;
  readonly record: ExportedRecord;
  /** The promotion that a rollback goes back to; null otherwise. */
  readonly former: ExportedRecord | null;
  readonly bundle: string;
  /** Text of the manifest: its SHA-256 is the manifest digest. */
  readonly manifest: string;
  readonly evidence: readonly ExportedEvidence[];
  /** Revocations of the model, its bases and its evidence that came after the decision. */
  readonly revokedSince: readonly ExportedEvidence[];
  /** Revocations of keys and records, of before and after. */
  readonly trustRevocations: readonly ExportedTrustRevocation[];
}

/** The export as the JSON text of a file. */
export function writeExport(exported: DecisionExport): string {
  const { revokedSince: since, trustRevocations: keys, ...rest } = exported;
  const document: JsonObject = {
    ...rest,
    evidence: exported.evidence.map((e) => ({ ...e })),
    // Not written where there are none, as before they were known.
    ...(since.length === 0 ? {} : { revokedSince: since.map((e) => ({ ...e })) }),
    ...(keys.length === 0 ? {} : { trustRevocations: keys.map((e) => ({ ...e })) }),
    record: { ...exported.record },
    former: exported.former === null ? null : { ...exported.former },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/**
 * Reads the text of an export file, which must be exactly what `writeExport` writes: not a byte of
 * it is then left unchecked.
 *
 * @throws {RegistryError} REGISTRY_EXPORT_INVALID; {CoreError} when it is not strict JSON
 */
export function readExportText(text: string): DecisionExport {
  const exported = readExport(parseStrictJson(text));
  if (writeExport(exported) === text) return exported;
  throw refuseExport('the file is not as it was written');
}

/**
 * Reads an export; says nothing yet about whether it holds.
 *
 * @throws {RegistryError} REGISTRY_EXPORT_INVALID, REGISTRY_EVIDENCE_UNPROVEN
 */
export function readExport(input: Json): DecisionExport {
  const fields = new Fields(input, EXPORT);
  fields.oneOf('format', [EXPORT_FORMAT]);
  return {
    format: EXPORT_FORMAT,
    record: readExportedRecord(fields.object('record')),
    former: fields.has('former') ? readExportedRecord(fields.object('former')) : null,
    bundle: fields.text('bundle', LARGE),
    manifest: fields.text('manifest', LARGE),
    evidence: fields.list('evidence', readExportedEvidence),
    revokedSince: fields.has('revokedSince')
      ? fields.list('revokedSince', readExportedEvidence)
      : [],
    trustRevocations: fields.has('trustRevocations')
      ? fields.list('trustRevocations', readExportedTrustRevocation)
      : [],
  };
}

const EXPORT: DocumentKind = { what: 'exported decision', code: 'REGISTRY_EXPORT_INVALID' };
const LARGE = { max: 64 * 1024 * 1024 };

function readExportedRecord(fields: Fields): ExportedRecord {
  return {
    envelope: fields.text('envelope', LARGE),
    policy: fields.text('policy', LARGE),
    proof: fields.text('proof', LARGE),
  };
}

/** What every check of an export refuses with. */
export function refuseExport(why: string): RegistryError {
  return new RegistryError(
    'REGISTRY_EXPORT_INVALID',
    `cannot confirm the exported decision: ${why}; export it again from the registry that made it`,
  );
}
