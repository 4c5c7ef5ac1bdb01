/**
 * Is a log entry about this very signature? Rekor's entry types: `hashedrekord` 0.0.1 and 0.0.2,
 * `dsse` 0.0.1 and 0.0.2, `intoto` 0.0.2.
 *
 * The body is what the log's tree holds, so it is compared with the bundle, never the other way
 * round. Every type names the signer's certificate, the signature and a digest of what was signed;
 * all three must be those of the bundle.
 *
 * @module
 */
import { CoreError, parseStrictJson, sha256 } from '@proofmark/core';

import type { LogEntry } from './bundle-evidence.ts';
import { keylessError } from './keyless-error.ts';
import { ProtoMessage } from './proto-json.ts';
import type { SignedContent } from './signed-content.ts';

/** Who signed, as entries write it. */
export interface EntrySigner {
  /** DER of the certificate, or of the bare key. */
  readonly der: Uint8Array;
  readonly label: 'CERTIFICATE' | 'PUBLIC KEY';
}

type Check = (spec: ProtoMessage, content: SignedContent, signer: EntrySigner) => void;

const MAX_BODY_BYTES = 64 * 1024 * 1024;

const CHECKS: ReadonlyMap<string, Check> = new Map([
  ['hashedrekord 0.0.1', checkHashedRekord],
  ['hashedrekord 0.0.2', checkHashedRekordV2],
  ['dsse 0.0.1', checkDsse],
  ['dsse 0.0.2', checkDsseV2],
  ['intoto 0.0.2', checkIntoto],
]);

/** @throws {ArtifactError} ARTIFACT_LOG_ENTRY_MISMATCH */
export function verifyEntryBody(
  entry: LogEntry,
  content: SignedContent,
  signer: EntrySigner,
): void {
  const check = CHECKS.get(`${entry.kind} ${entry.version}`);
  if (check === undefined) throw mismatch('its type is not known');
  try {
    const body = new ProtoMessage(
      parseStrictJson(entry.body, { maxBytes: MAX_BODY_BYTES }),
      'body',
    );
    if (body.text('kind') !== entry.kind || body.text('apiVersion') !== entry.version) {
      throw mismatch('it is of another type than the bundle says');
    }
    check(body.message('spec'), content, signer);
  } catch (cause) {
    if (!(cause instanceof RangeError) && !(cause instanceof CoreError)) throw cause;
    throw mismatch(`it cannot be read: ${cause.message}`, cause);
  }
}

function checkHashedRekord(spec: ProtoMessage, content: SignedContent, signer: EntrySigner): void {
  // Version 0.0.1 hashes a blob; an envelope in it would leave the payload's type unbound.
  if (content.kind !== 'message') throw mismatch('it does not record an envelope');
  const hash = spec.message('data').message('hash');
  const signature = spec.message('signature');
  requireDigest(hash, sha256(content.covered));
  requireSame(signature.bytes('content'), content.signature, 'signature');
  requirePem(signature.message('publicKey').bytes('content'), signer);
}

function checkHashedRekordV2(
  spec: ProtoMessage,
  content: SignedContent,
  signer: EntrySigner,
): void {
  const record = spec.message('hashedRekordV002');
  const data = record.message('data');
  const signature = record.message('signature');
  if (data.text('algorithm') !== 'SHA2_256') throw mismatch('its digest is not SHA-256');
  requireSame(data.bytes('digest'), sha256(content.covered), 'digest');
  requireSame(signature.bytes('content'), content.signature, 'signature');
  requireVerifier(signature.message('verifier'), signer);
}

function checkDsse(spec: ProtoMessage, content: SignedContent, signer: EntrySigner): void {
  const [signature, ...more] = spec.messages('signatures', 16);
  if (signature === undefined || more.length > 0) throw mismatch('it has not one signature');
  requireDigest(spec.message('payloadHash'), payloadDigest(content));
  requireSame(signature.bytes('signature'), content.signature, 'signature');
  requirePem(signature.bytes('verifier'), signer);
}

function checkDsseV2(spec: ProtoMessage, content: SignedContent, signer: EntrySigner): void {
  const record = spec.message('dsseV002');
  const payload = record.message('payloadHash');
  const [signature, ...more] = record.messages('signatures', 16);
  if (signature === undefined || more.length > 0) throw mismatch('it has not one signature');
  if (payload.text('algorithm') !== 'SHA2_256') throw mismatch('its digest is not SHA-256');
  requireSame(payload.bytes('digest'), payloadDigest(content), 'digest');
  requireSame(signature.bytes('content'), content.signature, 'signature');
  requireVerifier(signature.message('verifier'), signer);
}

function checkIntoto(spec: ProtoMessage, content: SignedContent, signer: EntrySigner): void {
  const record = spec.message('content');
  const envelope = record.message('envelope');
  const [signature, ...more] = envelope.messages('signatures', 16);
  if (signature === undefined || more.length > 0) throw mismatch('it has not one signature');
  requireDigest(record.message('payloadHash'), payloadDigest(content));
  if (content.kind === 'envelope' && envelope.text('payloadType') !== content.payloadType) {
    throw mismatch('it records another payload type');
  }
  // Base64 of the base64 that stands in the envelope.
  const encoded = Buffer.from(signature.bytes('sig')).toString('latin1');
  requireSame(Buffer.from(encoded, 'base64'), content.signature, 'signature');
  requirePem(signature.bytes('publicKey'), signer);
}

function payloadDigest(content: SignedContent): Uint8Array {
  if (content.kind !== 'envelope') throw mismatch('it records an envelope, and this is none');
  return content.payloadDigest;
}

/** `{"algorithm": "sha256", "value": hex}` */
function requireDigest(hash: ProtoMessage, digest: Uint8Array): void {
  if (hash.text('algorithm') !== 'sha256') throw mismatch('its digest is not SHA-256');
  if (hash.text('value') !== Buffer.from(digest).toString('hex')) {
    throw mismatch('it records another digest');
  }
}

function requirePem(pem: Uint8Array, { der, label }: EntrySigner): void {
  const match = /^-----BEGIN ([A-Z ]+)-----\s([A-Za-z0-9+/=\s]+)-----END ([A-Z ]+)-----\s*$/.exec(
    Buffer.from(pem).toString('latin1'),
  );
  if (match === null || match[1] !== label || match[3] !== label) {
    throw mismatch('it names its signer in another form');
  }
  requireSame(Buffer.from(match[2] ?? '', 'base64'), der, 'signer');
}

function requireVerifier(verifier: ProtoMessage, { der, label }: EntrySigner): void {
  const key = label === 'CERTIFICATE' ? 'x509Certificate' : 'publicKey';
  requireSame(verifier.message(key).bytes('rawBytes'), der, 'signer');
}

function requireSame(recorded: Uint8Array, given: Uint8Array, what: string): void {
  if (!Buffer.from(recorded).equals(given)) throw mismatch(`it records another ${what}`);
}

function mismatch(why: string, cause?: unknown): Error {
  return keylessError(
    'ARTIFACT_LOG_ENTRY_MISMATCH',
    `the transparency log entry is not about this signature: ${why}`,
    cause,
  );
}
