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
import type { CertificateTrust } from './certificate.ts';
import { ArtifactError } from './errors.ts';

/** Whom to believe. Nothing in a bundle is believed by itself. */
export interface SignatureTrust {
  readonly keys: readonly PublicKey[];
  readonly certificates?: CertificateTrust;
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
 * @throws {ArtifactError} ARTIFACT_METHOD_UNSUPPORTED, ARTIFACT_SIGNATURE_UNTRUSTED,
 *   ARTIFACT_CERTIFICATE_INVALID
 */
export function verifySigner(bundle: SignatureBundle, trust: SignatureTrust): SignedPayload {
  const { material } = bundle;
  switch (material.kind) {
    case 'key': {
      const { keyId, ...signed } = verifyWith(bundle, trust.keys, trust.legacyPae === true);
      return { signer: { method: 'key', keyId }, ...signed };
    }
    case 'certificate': {
      if (trust.certificates === undefined) throw untrusted('no certificate authority is trusted');
      const certified = verifyChain(material.chain, trust.certificates, trust.nowMs);
      const { keyId, ...signed } = verifyWith(bundle, [certified.key], trust.legacyPae === true);
      const { subject, fingerprint256 } = certified;
      return { signer: { method: 'certificate', keyId, subject, fingerprint256 }, ...signed };
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
