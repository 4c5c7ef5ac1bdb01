/**
 * Reads, from a promotion record, what decides whether a model may run here.
 *
 * The record is an in-toto statement that the control plane signed (docs/spec/promotion-record.md).
 * The runner reads the few fields it acts on and nothing else, so that it needs no part of the
 * registry: subject, action, environment, alias, generation. A denial is a record too, and admits
 * nothing. What this does not check: whether the record is in the log; `admit` does.
 *
 * @module
 */
import {
  canonicalJson,
  excerpt,
  IN_TOTO_PAYLOAD_TYPE,
  isSha256Hex,
  parseStatement,
  sha256Hex,
  subjectManifest,
  verifyEnvelope,
} from '@proofmark/core';
import type { Envelope, Json, JsonObject, PublicKey } from '@proofmark/core';

import { RunnerError } from './errors.ts';

/** A record whose signature was verified with a trusted key. */
export interface TrustedRecord {
  /** SHA-256 of the envelope's canonical JSON: what the log entry carries. */
  readonly digest: string;
  readonly action: 'promotion' | 'rollback';
  readonly name: string;
  readonly version: string;
  readonly manifestDigest: string;
  readonly omsRoot: string;
  readonly bundleDigest: string;
  readonly environment: string;
  readonly alias: string;
  readonly generation: number;
  readonly policyDigest: string;
  /** Ids of the trusted keys that signed. */
  readonly keyIds: readonly string[];
}

const PREDICATE_TYPE = 'https://in-toto.io/attestation/svr/v0.2';
const MAX_TEXT = 256;

/**
 * @throws {RunnerError} RUNNER_NOT_ADMITTED
 * @throws {CoreError} CORE_SIGNATURE_INVALID, CORE_ENVELOPE_INVALID, CORE_STATEMENT_INVALID,
 *   CORE_JSON_INVALID
 */
export function readPromotionRecord(
  envelope: Envelope,
  trusted: readonly PublicKey[],
): TrustedRecord {
  const { payloadType, payload, keyIds } = verifyEnvelope(envelope, trusted);
  if (payloadType !== IN_TOTO_PAYLOAD_TYPE) throw refuse('it is not an in-toto statement');
  const statement = parseStatement(payload);
  if (statement.predicateType !== PREDICATE_TYPE) {
    throw refuse(`its predicate type "${excerpt(statement.predicateType)}" is no promotion`);
  }
  const own = object(statement.predicate['proofmark'], 'proofmark');
  const policy = list(statement.predicate['policies'], 'policies')[0];
  return {
    digest: sha256Hex(canonicalJson(envelope)),
    action: action(own['action']),
    name: text(own['name'], 'name'),
    version: text(own['version'], 'version'),
    manifestDigest: subjectManifest(statement),
    omsRoot: digest(statement.subject[0]?.digest['sha256'], 'subject'),
    bundleDigest: digest(own['bundleDigest'], 'bundleDigest'),
    environment: text(own['environment'], 'environment'),
    alias: text(own['alias'], 'alias'),
    generation: count(own['generation'], 'generation'),
    policyDigest: digest(
      object(object(policy, 'policies')['digest'], 'policies')['sha256'],
      'policies',
    ),
    keyIds,
  };
}

function action(value: Json | undefined): TrustedRecord['action'] {
  if (value === 'promotion' || value === 'rollback') return value;
  throw refuse('its action is neither promotion nor rollback');
}

function object(value: Json | undefined, field: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as JsonObject;
  }
  throw refuse(`${field} is not an object`);
}

function list(value: Json | undefined, field: string): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[];
  throw refuse(`${field} is not a list`);
}

function text(value: Json | undefined, field: string): string {
  if (typeof value === 'string' && value !== '' && value.length <= MAX_TEXT) return value;
  throw refuse(`${field} is not a text of 1 to ${MAX_TEXT} characters`);
}

function digest(value: Json | undefined, field: string): string {
  if (isSha256Hex(value)) return value;
  throw refuse(`${field} is not a SHA-256 digest`);
}

function count(value: Json | undefined, field: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw refuse(`${field} is not a count`);
}

function refuse(why: string): RunnerError {
  return new RunnerError(
    'RUNNER_NOT_ADMITTED',
    `cannot admit the model: its promotion record does not allow it: ${why}; promote the version and use the record that the control plane returns`,
  );
}
