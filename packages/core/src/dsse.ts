/**
 * Dead Simple Signing Envelope v1.0 (secure-systems-lab/dsse).
 *
 * What is signed is PAE(type, payload):
 * `DSSEv1 SP len(type) SP type SP len(payload) SP payload`, lengths in bytes, decimal. The payload
 * is verified as received and never re-serialised. `keyid` is a hint: a signature counts only when
 * it verifies with a key that the caller trusts.
 *
 * @module
 */
import type { Json } from './canonical-json.ts';
import { CoreError } from './errors.ts';
import type { PublicKey, Signer } from './key.ts';
import { verifySignature } from './key.ts';
import { parseStrictJson } from './strict-json.ts';

export interface EnvelopeSignature {
  readonly keyid: string;
  /** Standard base64. */
  readonly sig: string;
}

export interface Envelope {
  readonly payloadType: string;
  /** Standard base64. */
  readonly payload: string;
  readonly signatures: readonly EnvelopeSignature[];
}

/** What `verifyEnvelope` proved: these bytes were signed by these trusted keys. */
export interface VerifiedPayload {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  /** Distinct ids of the trusted keys whose signatures verified, at least one. */
  readonly keyIds: readonly string[];
}

const MAX_SIGNATURES = 16;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** The bytes that a DSSE signature covers. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = Buffer.from(payloadType, 'utf8');
  const head = `DSSEv1 ${type.length} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head, 'utf8'), payload]);
}

/** Signs `payload` with each signer, in order. */
export async function signEnvelope(
  payloadType: string,
  payload: Uint8Array,
  signers: readonly Signer[],
): Promise<Envelope> {
  const covered = preAuthEncoding(payloadType, payload);
  const signatures: EnvelopeSignature[] = [];
  for (const signer of signers) {
    const sig = Buffer.from(await signer.sign(covered)).toString('base64');
    signatures.push({ keyid: signer.publicKey.keyId, sig });
  }
  return { payloadType, payload: Buffer.from(payload).toString('base64'), signatures };
}

/**
 * Verifies that at least one signature is by a key in `trusted`.
 *
 * @throws {CoreError} CORE_SIGNATURE_INVALID, CORE_ENVELOPE_INVALID
 */
export function verifyEnvelope(envelope: Envelope, trusted: readonly PublicKey[]): VerifiedPayload {
  const payload = decodeBase64(envelope.payload, 'payload');
  const covered = preAuthEncoding(envelope.payloadType, payload);
  const keyIds = trusted
    .filter((key) =>
      envelope.signatures.some((s) => verifySignature(key, covered, decodeBase64(s.sig, 'sig'))),
    )
    .map((key) => key.keyId);
  if (keyIds.length === 0) {
    throw new CoreError(
      'CORE_SIGNATURE_INVALID',
      `cannot trust the envelope: none of its ${envelope.signatures.length} signatures verifies with one of ${trusted.length} trusted keys`,
    );
  }
  return { payloadType: envelope.payloadType, payload, keyIds: [...new Set(keyIds)] };
}

/** Reads a JSON envelope; says nothing about its signatures. @throws {CoreError} CORE_ENVELOPE_INVALID */
export function parseEnvelope(input: Uint8Array | string | Json): Envelope {
  const value =
    typeof input === 'string' || input instanceof Uint8Array ? parseStrictJson(input) : input;
  const { payloadType, payload, signatures } = asObject(value);
  if (typeof payloadType !== 'string' || payloadType === '') throw refuse('payloadType is missing');
  if (typeof payload !== 'string') throw refuse('payload is missing');
  if (!Array.isArray(signatures) || signatures.length === 0) throw refuse('it has no signatures');
  if (signatures.length > MAX_SIGNATURES) throw refuse(`more than ${MAX_SIGNATURES} signatures`);
  decodeBase64(payload, 'payload');
  return { payloadType, payload, signatures: (signatures as readonly Json[]).map(readSignature) };
}

function readSignature(value: Json): EnvelopeSignature {
  const { keyid, sig } = asObject(value);
  if (typeof sig !== 'string' || sig === '') throw refuse('a signature has no sig');
  // Absent, null and "" all occur in the field; the id is a hint either way.
  if (keyid !== undefined && keyid !== null && typeof keyid !== 'string') {
    throw refuse('a keyid is not a string');
  }
  decodeBase64(sig, 'sig');
  return { keyid: keyid ?? '', sig };
}

function asObject(value: Json): Readonly<Record<string, Json | undefined>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refuse('an object was expected');
  }
  return value as Readonly<Record<string, Json>>;
}

function decodeBase64(text: string, what: string): Uint8Array {
  if (text.length % 4 !== 0 || !BASE64.test(text)) throw refuse(`${what} is not standard base64`);
  return Buffer.from(text, 'base64');
}

function refuse(why: string): CoreError {
  return new CoreError('CORE_ENVELOPE_INVALID', `cannot read the DSSE envelope: ${why}`);
}
