/**
 * Sigstore's `trusted_root.json`: whose certificates, logs and time stamps count, and from when to
 * when (sigstore/protobuf-specs `sigstore_trustroot.proto`, media type version 0.1 and 0.2).
 *
 * The file is the caller's: it is the whole of what a keyless verification believes, and nothing is
 * fetched. A missing start of validity is refused rather than read as "always"; a missing end means
 * that the instance is in use. Both ends are inclusive.
 *
 * @module
 */
import { X509Certificate, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { CoreError, parseStrictJson, sha256Hex } from '@proofmark/core';

import { ArtifactError } from '../errors.ts';
import { ProtoMessage } from './proto-json.ts';

/** Milliseconds since the Unix epoch, both ends included. */
export interface Validity {
  readonly startMs: number;
  readonly endMs: number;
}

/** A transparency log, of artifacts (Rekor) or of certificates. */
export interface TrustedLog {
  /** Hex of the log's id. */
  readonly logId: string;
  readonly key: KeyObject;
  readonly validity: Validity;
  /** `host` or `host/path` of the log; the name that signs its checkpoints. */
  readonly name: string;
}

/** A certificate or time-stamp authority. */
export interface TrustedAuthority {
  /** DER, in the order of the file: the one that issues first, its root last. */
  readonly chain: readonly Uint8Array[];
  readonly root: X509Certificate;
  readonly validity: Validity;
}

export interface TrustedRoot {
  readonly artifactLogs: readonly TrustedLog[];
  readonly certificateLogs: readonly TrustedLog[];
  readonly certificateAuthorities: readonly TrustedAuthority[];
  readonly timestampAuthorities: readonly TrustedAuthority[];
  /** SHA-256 of the file. */
  readonly digest: string;
}

const MEDIA_TYPES: ReadonlySet<string> = new Set([
  'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  'application/vnd.dev.sigstore.trustedroot+json;version=0.2',
  'application/vnd.dev.sigstore.trustedroot.v0.2+json',
]);
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_INSTANCES = 256;
const MAX_CHAIN = 16;

/** Reads a trusted root. @throws {ArtifactError} ARTIFACT_TRUSTED_ROOT_INVALID */
export function parseTrustedRoot(text: Uint8Array | string): TrustedRoot {
  try {
    const root = new ProtoMessage(parseStrictJson(text, { maxBytes: MAX_BYTES }), 'trusted root');
    const mediaType = root.text('mediaType');
    if (!MEDIA_TYPES.has(mediaType)) throw new RangeError('its mediaType is not known');
    const logs = (key: string): readonly TrustedLog[] =>
      root.messages(key, MAX_INSTANCES).map(readLog);
    const authorities = (key: string): readonly TrustedAuthority[] =>
      root.messages(key, MAX_INSTANCES).map(readAuthority);
    return Object.freeze({
      artifactLogs: logs('tlogs'),
      certificateLogs: logs('ctlogs'),
      certificateAuthorities: authorities('certificateAuthorities'),
      timestampAuthorities: authorities('timestampAuthorities'),
      digest: sha256Hex(text),
    });
  } catch (cause) {
    if (!(cause instanceof RangeError) && !(cause instanceof CoreError)) throw cause;
    throw new ArtifactError(
      'ARTIFACT_TRUSTED_ROOT_INVALID',
      `cannot use the trusted root: ${cause.message}; get it again from the operator of the Sigstore instance`,
      { cause },
    );
  }
}

/** Whether the instance counted at this time. */
export function isValidAt({ startMs, endMs }: Validity, atMs: number): boolean {
  return startMs <= atMs && atMs <= endMs;
}

function readLog(message: ProtoMessage): TrustedLog {
  const publicKey = message.message('publicKey');
  if (message.has('hashAlgorithm') && message.text('hashAlgorithm') !== 'SHA2_256') {
    throw new RangeError('a log does not hash with SHA-256');
  }
  return {
    logId: Buffer.from(message.message('logId').bytes('keyId')).toString('hex'),
    key: readKey(publicKey),
    validity: readValidity(publicKey.message('validFor')),
    name: message
      .text('baseUrl')
      .replace(/^[a-z]+:\/\//, '')
      .replace(/\/+$/, ''),
  };
}

function readKey(message: ProtoMessage): KeyObject {
  const der = Buffer.from(message.bytes('rawBytes'));
  const isPkcs1 = message.has('keyDetails') && message.text('keyDetails').startsWith('PKCS1_');
  try {
    return createPublicKey({ key: der, format: 'der', type: isPkcs1 ? 'pkcs1' : 'spki' });
  } catch (cause) {
    throw new RangeError('the key of a log cannot be read', { cause });
  }
}

function readAuthority(message: ProtoMessage): TrustedAuthority {
  const chain = message
    .message('certChain')
    .messages('certificates', MAX_CHAIN)
    .map((certificate) => certificate.bytes('rawBytes'));
  const last = chain.at(-1);
  if (last === undefined) throw new RangeError('an authority has no certificate');
  return { chain, root: readRoot(last), validity: readValidity(message.message('validFor')) };
}

function readRoot(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch (cause) {
    throw new RangeError('a certificate of an authority cannot be read', { cause });
  }
}

function readValidity(message: ProtoMessage): Validity {
  return {
    startMs: message.timeMs('start'),
    endMs: message.has('end') ? message.timeMs('end') : Number.POSITIVE_INFINITY,
  };
}
