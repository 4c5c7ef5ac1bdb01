/**
 * Opens a DSSE envelope around somebody's report: who signed, about what, saying what.
 *
 * Read are DSSE envelopes and Sigstore bundles that carry one; the signature is checked against
 * keys, nothing else. Statements of in-toto v0.1 and v1.
 *
 * @module
 */
import type { Json, JsonObject, PublicKey } from '@proofmark/core';
import {
  CoreError,
  IN_TOTO_PAYLOAD_TYPE,
  excerpt,
  parseEnvelope,
  parseStrictJson,
  verifyEnvelope,
} from '@proofmark/core';

import { ArtifactError } from '../errors.ts';
import { isObject, objectAt, objectsAt, textAt } from './json-value.ts';

export interface SignedDocument {
  readonly keyIds: readonly string[];
  /** SHA-256 digests of the statement's subjects, of any name; empty for a bare payload. */
  readonly subjects: readonly string[];
  /** Null for a payload that is no in-toto statement. */
  readonly predicateType: string | null;
  /** The predicate, or the bare payload. */
  readonly content: JsonObject;
}

const STATEMENT = /^https:\/\/in-toto\.io\/Statement\/(?:v0\.1|v1)$/;
const BARE = /^application\/(?:vnd\.)?(?:openvex|cyclonedx)\+json$/;
const DIGEST = /^[0-9a-f]{64}$/;

/** Whether the document claims to be signed. */
export function isEnvelope(root: JsonObject): boolean {
  return 'payloadType' in root || isObject(root['dsseEnvelope']);
}

/** @throws {ArtifactError} ARTIFACT_REPORT_UNTRUSTED, ARTIFACT_REPORT_INVALID */
export function openSigned(root: JsonObject, trusted: readonly PublicKey[]): SignedDocument {
  const inner = isObject(root['dsseEnvelope']) ? root['dsseEnvelope'] : root;
  try {
    // Attacker-controlled until this line returns; its shape even after it.
    const { payloadType, payload, keyIds } = verifyEnvelope(parseEnvelope(inner), trusted);
    const content = parseStrictJson(payload);
    if (!isObject(content)) throw invalid('its payload is no object');
    if (BARE.test(payloadType)) return { keyIds, subjects: [], predicateType: null, content };
    if (payloadType !== IN_TOTO_PAYLOAD_TYPE) {
      throw invalid(`its payload is of type ${excerpt(payloadType)}`);
    }
    return { keyIds, ...statementOf(content) };
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause;
    const untrusted = cause.code === 'CORE_SIGNATURE_INVALID';
    throw new ArtifactError(
      untrusted ? 'ARTIFACT_REPORT_UNTRUSTED' : 'ARTIFACT_REPORT_INVALID',
      `cannot take the signed document: ${cause.message}${untrusted ? '; name the key of its signer' : ''}`,
      { cause },
    );
  }
}

function statementOf(content: JsonObject): Omit<SignedDocument, 'keyIds'> {
  const predicate: Json | undefined = content['predicate'];
  if (!STATEMENT.test(textAt(content, '_type')) || !isObject(predicate)) {
    throw invalid('its payload is no in-toto statement with a predicate');
  }
  const subjects = objectsAt(content, 'subject')
    .flatMap((subject) => Object.values(objectAt(subject, 'digest')))
    .filter((hex): hex is string => typeof hex === 'string' && DIGEST.test(hex));
  return { subjects, predicateType: textAt(content, 'predicateType'), content: predicate };
}

function invalid(why: string): ArtifactError {
  return new ArtifactError('ARTIFACT_REPORT_INVALID', `cannot take the signed document: ${why}`);
}
