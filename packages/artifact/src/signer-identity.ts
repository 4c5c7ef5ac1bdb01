/**
 * Who signed a bundle, among those the caller trusts.
 *
 * Over the bytes received: nothing in the payload is read before its signature verified, and nothing
 * a bundle says about its signer is believed.
 *
 * @module
 */
import { CoreError, verifyEnvelope, verifySignature } from '@proofmark/core';
import type { PublicKey } from '@proofmark/core';

import type { SignatureBundle } from './bundle.ts';
import { verifyChain } from './certificate.ts';
import type { CertificateTrust, CertifiedSigner } from './certificate.ts';
import { ArtifactError } from './errors.ts';
import type { BundleEvidence } from './sigstore/bundle-evidence.ts';
import { envelopeContent } from './sigstore/signed-content.ts';
import { verifyKeyless } from './sigstore/verify-keyless.ts';
import type { KeylessTrust } from './sigstore/verify-keyless.ts';

/** Whom to believe. Nothing in a bundle is believed by itself. */
export interface SignatureTrust {
  readonly keys: readonly PublicKey[];
  /** Authorities with the subjects that may sign; one that accepts is enough. */
  readonly certificates?: readonly CertificateTrust[];
  /** Sigstore instances with the identities that may sign; one that accepts is enough. */
  readonly keyless?: readonly KeylessTrust[];
  /** Time of verification, milliseconds since the Unix epoch. */
  readonly nowMs: number;
  /** Accept signatures of the reference's release 0.2.0, which signed a malformed encoding. */
  readonly legacyPae?: boolean;
}

export type SignerIdentity =
  | { readonly method: 'key'; readonly keyId: string }
  | {
      readonly method: 'certificate';
      readonly keyId: string;
      readonly subject: string;
      readonly fingerprint256: string;
    }
  | {
      readonly method: 'keyless';
      readonly keyId: string;
      /** E-mail address or URI of the signer, vouched for by `issuer`. */
      readonly subject: string;
      /** URL of the OpenID Connect issuer. */
      readonly issuer: string;
      readonly fingerprint256: string;
      /** Earliest proven time of the signature, milliseconds since the Unix epoch. */
      readonly signedMs: number;
      readonly logName: string;
      readonly logIndex: number;
    };

/** Signed bytes, and by whom. */
export interface SignedPayload {
  readonly signer: SignerIdentity;
  readonly payload: Uint8Array;
  /** Signed the way release 0.2.0 of the reference did; only ever with `legacyPae`. */
  readonly isLegacy: boolean;
}

/**
 * Finds the trusted key or certificate whose signature the bundle carries.
 *
 * @throws {ArtifactError} ARTIFACT_SIGNATURE_UNTRUSTED, ARTIFACT_CERTIFICATE_INVALID, and for
 *   keyless signatures those of `verifyKeyless`
 */
export function verifySigner(bundle: SignatureBundle, trust: SignatureTrust): SignedPayload {
  const { material } = bundle;
  switch (material.kind) {
    case 'key': {
      const { keyId, ...signed } = verifyWith(bundle, trust.keys, trust.legacyPae === true);
      return { signer: { method: 'key', keyId }, ...signed };
    }
    case 'certificate': {
      const certified = verifyAuthorities(material.chain, trust);
      const { keyId, ...signed } = verifyWith(bundle, [certified.key], trust.legacyPae === true);
      const { subject, fingerprint256 } = certified;
      return { signer: { method: 'certificate', keyId, subject, fingerprint256 }, ...signed };
    }
    case 'sigstore':
      return verifyWithInstances(bundle, material.evidence, trust);
  }
}

function verifyAuthorities(
  chain: readonly Uint8Array[],
  { certificates = [], nowMs }: SignatureTrust,
): CertifiedSigner {
  let refusal = untrusted('no certificate authority is trusted');
  for (const authority of certificates) {
    try {
      return verifyChain(chain, authority, nowMs);
    } catch (cause) {
      if (!(cause instanceof ArtifactError)) throw cause;
      refusal = cause;
    }
  }
  throw refusal;
}

function verifyWithInstances(
  bundle: SignatureBundle,
  evidence: BundleEvidence,
  { keyless = [], nowMs }: SignatureTrust,
): SignedPayload {
  const content = envelopeContent(bundle.envelope);
  let refusal = untrusted('it is keyless, and no identity is trusted');
  for (const instance of keyless) {
    try {
      const { identity, key, ...signer } = verifyKeyless(evidence, content, instance, nowMs);
      return {
        signer: { method: 'keyless', keyId: key.keyId, ...identity, ...signer },
        payload: Buffer.from(bundle.envelope.payload, 'base64'),
        isLegacy: false,
      };
    } catch (cause) {
      if (!(cause instanceof ArtifactError)) throw cause;
      refusal = cause;
    }
  }
  throw refusal;
}

function verifyWith(
  { envelope }: SignatureBundle,
  keys: readonly PublicKey[],
  legacyPae: boolean,
): { readonly keyId: string; readonly payload: Uint8Array; readonly isLegacy: boolean } {
  const allowed = keys.filter((key) => key.algorithm !== 'ed25519');
  try {
    const { keyIds, payload } = verifyEnvelope(envelope, allowed);
    return { keyId: keyIds[0] ?? '', payload, isLegacy: false };
  } catch (cause) {
    if (!(cause instanceof CoreError) || cause.code !== 'CORE_SIGNATURE_INVALID') throw cause;
    const payload = Buffer.from(envelope.payload, 'base64');
    const signature = Buffer.from(envelope.signatures[0]?.sig ?? '', 'base64');
    const covered = legacyEncoding(envelope.payloadType, payload);
    const key = legacyPae
      ? allowed.find((k) => verifySignature(k, covered, signature, 'sha256'))
      : undefined;
    if (key !== undefined) return { keyId: key.keyId, payload, isLegacy: true };
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

function untrusted(why: string, cause?: unknown): ArtifactError {
  return new ArtifactError(
    'ARTIFACT_SIGNATURE_UNTRUSTED',
    `cannot trust the signature: ${why}`,
    cause === undefined ? {} : { cause },
  );
}
