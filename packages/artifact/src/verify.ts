/**
 * Verifies a signature bundle, and that a folder is exactly what was signed.
 *
 * Order: who signed (over the bytes received) -> what was listed -> whether the folder matches. Only
 * `verifyModel` makes a `VerifiedManifest`; holding one means all three were checked.
 *
 * @module
 */
import { CoreError, excerpt, sha256Hex, verifyEnvelope, verifySignature } from '@proofmark/core';
import type { PublicKey } from '@proofmark/core';

import { parseBundle } from './bundle.ts';
import type { SignatureBundle } from './bundle.ts';
import { verifyChain } from './certificate.ts';
import type { CertificateTrust } from './certificate.ts';
import { compareFolder } from './difference.ts';
import type { FolderDifference } from './difference.ts';
import { ArtifactError } from './errors.ts';
import { hashFolder } from './hash.ts';
import type { HashOptions } from './hash.ts';
import { createManifest } from './manifest.ts';
import type { Manifest } from './manifest.ts';
import { readPayload } from './statement.ts';
import type { SignedStatement } from './statement.ts';

/** Whom to believe. Nothing in a bundle is believed by itself. */
export interface SignatureTrust {
  readonly keys: readonly PublicKey[];
  readonly certificates?: CertificateTrust;
  /** Time of verification, milliseconds since the Unix epoch. */
  readonly nowMs: number;
  /** Accept signatures of the reference's release 0.2.0, which signed a malformed encoding. */
  readonly legacy?: boolean;
}

export type SignerIdentity =
  | { readonly method: 'key'; readonly keyId: string }
  | {
      readonly method: 'certificate';
      readonly keyId: string;
      readonly subject: string;
      readonly fingerprint256: string;
    };

/** A bundle whose signature verified; the folder was not looked at. */
export interface VerifiedSignature {
  readonly statement: SignedStatement;
  readonly signer: SignerIdentity;
  /** SHA-256 of the bundle's bytes. */
  readonly bundleDigest: string;
}

declare const verified: unique symbol;

/** A folder that is exactly what a trusted signer signed. Made by `verifyModel` only. */
export interface VerifiedManifest {
  readonly [verified]: true;
  readonly manifest: Manifest;
  readonly signer: SignerIdentity;
  readonly bundleDigest: string;
}

/**
 * Checks who signed the bundle.
 *
 * @throws {ArtifactError} ARTIFACT_BUNDLE_INVALID, ARTIFACT_METHOD_UNSUPPORTED,
 *   ARTIFACT_SIGNATURE_UNTRUSTED, ARTIFACT_CERTIFICATE_INVALID, ARTIFACT_STATEMENT_INVALID
 */
export function verifyBundle(text: string, trust: SignatureTrust): VerifiedSignature {
  const bundle = parseBundle(text);
  const { signer, payload } = verifySigner(bundle, trust);
  return { statement: readPayload(payload), signer, bundleDigest: sha256Hex(text) };
}

/**
 * Checks who signed, then every byte of the folder.
 *
 * @throws {ArtifactError} those of `verifyBundle` and `hashFolder`, and ARTIFACT_CONTENT_MISMATCH
 */
export async function verifyModel(
  folder: string,
  text: string,
  trust: SignatureTrust,
  options: HashOptions = {},
): Promise<VerifiedManifest> {
  const signature = verifyBundle(text, trust);
  const ignore = [...signature.statement.ignored, ...(options.ignore ?? [])];
  const manifest = await hashFolder(folder, { ...options, ignore });
  requireSame(compareFolder(signature.statement, manifest));
  return seal(manifest, signature);
}

/**
 * Checks a list of files that were hashed elsewhere, for example from a sealed store.
 *
 * @throws {ArtifactError} those of `verifyBundle`, and ARTIFACT_CONTENT_MISMATCH
 */
export function verifyManifest(
  manifest: Manifest,
  text: string,
  trust: SignatureTrust,
): VerifiedManifest {
  const signature = verifyBundle(text, trust);
  const recomputed = createManifest(manifest.files);
  requireSame(compareFolder(signature.statement, recomputed));
  return seal(recomputed, signature);
}

function seal(manifest: Manifest, { signer, bundleDigest }: VerifiedSignature): VerifiedManifest {
  return Object.freeze({ manifest, signer, bundleDigest }) as VerifiedManifest;
}

interface Signed {
  readonly signer: SignerIdentity;
  readonly payload: Uint8Array;
}

function verifySigner(bundle: SignatureBundle, trust: SignatureTrust): Signed {
  const { material } = bundle;
  switch (material.kind) {
    case 'key': {
      const { keyId, payload } = verifyWith(bundle, trust.keys, trust.legacy === true);
      return { signer: { method: 'key', keyId }, payload };
    }
    case 'certificate': {
      if (trust.certificates === undefined) throw untrusted('no certificate authority is trusted');
      const certified = verifyChain(material.chain, trust.certificates, trust.nowMs);
      const { keyId, payload } = verifyWith(bundle, [certified.key], trust.legacy === true);
      const { subject, fingerprint256 } = certified;
      return { signer: { method: 'certificate', keyId, subject, fingerprint256 }, payload };
    }
    case 'sigstore':
      throw new ArtifactError(
        'ARTIFACT_METHOD_UNSUPPORTED',
        'cannot verify the signature: it is a keyless Sigstore signature, which this verifier does not check; sign with a key or a certificate',
      );
  }
}

function verifyWith(
  { envelope }: SignatureBundle,
  keys: readonly PublicKey[],
  legacy: boolean,
): { readonly keyId: string; readonly payload: Uint8Array } {
  const allowed = keys.filter((key) => key.algorithm !== 'ed25519');
  try {
    const { keyIds, payload } = verifyEnvelope(envelope, allowed);
    return { keyId: keyIds[0] ?? '', payload };
  } catch (cause) {
    if (!(cause instanceof CoreError) || cause.code !== 'CORE_SIGNATURE_INVALID') throw cause;
    const payload = Buffer.from(envelope.payload, 'base64');
    const signature = Buffer.from(envelope.signatures[0]?.sig ?? '', 'base64');
    const covered = legacyEncoding(envelope.payloadType, payload);
    const key = legacy
      ? allowed.find((k) => verifySignature(k, covered, signature, 'sha256'))
      : undefined;
    if (key !== undefined) return { keyId: key.keyId, payload };
    throw untrusted(`it verifies with none of ${allowed.length} trusted keys`, cause);
  }
}

/**
 * What release 0.2.0 of the reference signed: the prefix `DSSEV1` and Python's notation of the bytes.
 * Only ever tried when the caller asked for it.
 */
function legacyEncoding(payloadType: string, payload: Buffer): Buffer {
  const quote = payload.includes(0x27) && !payload.includes(0x22) ? '"' : "'";
  let text = '';
  for (const byte of payload) text += pythonByte(byte, quote);
  return Buffer.from(
    `DSSEV1 ${payloadType.length} ${payloadType} ${payload.length} b${quote}${text}${quote}`,
  );
}

function pythonByte(byte: number, quote: string): string {
  const character = String.fromCharCode(byte);
  if (character === '\\' || character === quote) return `\\${character}`;
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  if (byte >= 0x20 && byte < 0x7f) return character;
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

function requireSame(difference: FolderDifference): void {
  const [first] = difference.entries;
  if (first === undefined) return;
  const more = difference.entries.length - 1;
  throw new ArtifactError(
    'ARTIFACT_CONTENT_MISMATCH',
    `cannot accept the model: "${excerpt(first.path)}" ${first.what}${more > 0 ? `, and ${more} more differ` : ''}; it is not what was signed`,
    {
      details: {
        path: excerpt(first.path),
        kind: first.kind,
        differences: difference.entries.length,
      },
    },
  );
}

function untrusted(why: string, cause?: unknown): ArtifactError {
  return new ArtifactError(
    'ARTIFACT_SIGNATURE_UNTRUSTED',
    `cannot trust the signature: ${why}`,
    cause === undefined ? {} : { cause },
  );
}
