/**
 * Signing keys: Ed25519 for evidence, records, receipts and the log; ECDSA P-256, P-384 and P-521
 * for model signatures (OpenSSF Model Signing v1.0 allows no Ed25519).
 *
 * A key id is the SHA-256 of the DER SubjectPublicKeyInfo, lowercase hex. It finds a key; it never
 * makes one trusted.
 *
 * @module
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { sha256Hex } from './digest.ts';
import { CoreError } from './errors.ts';

export type KeyAlgorithm = 'ed25519' | 'ecdsa-p256' | 'ecdsa-p384' | 'ecdsa-p521';

/** A public key that can check signatures. */
export interface PublicKey {
  readonly keyId: string;
  readonly algorithm: KeyAlgorithm;
  readonly keyObject: KeyObject;
}

/** Something that signs. Local keys here; a remote signer has the same shape. */
export interface Signer {
  readonly publicKey: PublicKey;
  /** Ed25519: 64 raw bytes. ECDSA: ASN.1 DER. */
  sign(data: Uint8Array): Promise<Uint8Array>;
}

const CURVES: Readonly<Record<string, KeyAlgorithm>> = {
  prime256v1: 'ecdsa-p256',
  secp384r1: 'ecdsa-p384',
  secp521r1: 'ecdsa-p521',
};

const DIGESTS: Readonly<Record<KeyAlgorithm, 'sha256' | 'sha384' | 'sha512' | null>> = {
  ed25519: null,
  'ecdsa-p256': 'sha256',
  'ecdsa-p384': 'sha384',
  'ecdsa-p521': 'sha512',
};

/** Wraps a public `KeyObject`. @throws {CoreError} CORE_KEY_INVALID for any other kind of key. */
export function publicKey(keyObject: KeyObject): PublicKey {
  const der = keyObject.export({ type: 'spki', format: 'der' });
  return Object.freeze({ keyId: sha256Hex(der), algorithm: algorithmOf(keyObject), keyObject });
}

/** Reads a PEM SubjectPublicKeyInfo. @throws {CoreError} CORE_KEY_INVALID */
export function readPublicKey(pem: string): PublicKey {
  return publicKey(readPem(() => createPublicKey({ key: pem, format: 'pem' }), 'public'));
}

/** Reads a PKCS#8 PEM private key. @throws {CoreError} CORE_KEY_INVALID */
export function readSigner(pem: string, passphrase?: string): Signer {
  return signer(
    readPem(
      () =>
        createPrivateKey({
          key: pem,
          format: 'pem',
          ...(passphrase === undefined ? {} : { passphrase }),
        }),
      'private',
    ),
  );
}

/** Makes a signer of a private `KeyObject`. @throws {CoreError} CORE_KEY_INVALID */
export function signer(privateKey: KeyObject): Signer {
  const key = publicKey(createPublicKey(privateKey));
  const digest = DIGESTS[key.algorithm];
  return Object.freeze({
    publicKey: key,
    sign: (data: Uint8Array): Promise<Uint8Array> =>
      Promise.resolve(new Uint8Array(sign(digest, data, privateKey))),
  });
}

/** A new private key as PKCS#8 PEM. The caller decides where it is kept (0600, never logged). */
export function generatePrivateKeyPem(algorithm: KeyAlgorithm): string {
  const curve = Object.keys(CURVES).find((name) => CURVES[name] === algorithm);
  const { privateKey } =
    curve === undefined
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: curve });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** PEM SubjectPublicKeyInfo with 64-column lines and a final newline. */
export function publicKeyPem(key: PublicKey): string {
  return key.keyObject.export({ type: 'spki', format: 'pem' }).toString();
}

/**
 * Whether `signature` over `data` is valid. Callers throw; nothing proceeds on `false`.
 *
 * @param digest Hash of an ECDSA signature, where it is not the one that goes with the curve.
 */
export function verifySignature(
  key: PublicKey,
  data: Uint8Array,
  signature: Uint8Array,
  digest: 'sha256' | 'sha384' | 'sha512' | null = DIGESTS[key.algorithm],
): boolean {
  try {
    return verify(digest, data, key.keyObject, signature);
  } catch {
    return false; // OpenSSL throws on some malformed signatures: not valid, like any other.
  }
}

function algorithmOf(keyObject: KeyObject): KeyAlgorithm {
  if (keyObject.asymmetricKeyType === 'ed25519') return 'ed25519';
  const curve = keyObject.asymmetricKeyDetails?.namedCurve;
  const algorithm = curve === undefined ? undefined : CURVES[curve];
  if (keyObject.asymmetricKeyType === 'ec' && algorithm !== undefined) return algorithm;
  throw new CoreError(
    'CORE_KEY_INVALID',
    `cannot use a ${keyObject.asymmetricKeyType ?? 'symmetric'} key: use Ed25519 or ECDSA on P-256, P-384 or P-521`,
  );
}

function readPem(read: () => KeyObject, kind: 'public' | 'private'): KeyObject {
  try {
    return read();
  } catch (cause) {
    throw new CoreError(
      'CORE_KEY_INVALID',
      `cannot read the ${kind} key: it is not PEM of that kind, or its passphrase is wrong`,
      { cause },
    );
  }
}
