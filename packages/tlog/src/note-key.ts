/**
 * Verifier keys of signed notes (c2sp.org/signed-note@v1.0.0, "Verifier keys").
 *
 *     example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k
 *     name           +key id  +base64(signature type || public key)
 *
 * Signature types known here: 0x01 Ed25519 (logs), 0x04 Ed25519 cosignature/v1 and 0x06 ML-DSA-44
 * cosignature (witnesses). A vkey of any other type is refused: it could never verify anything.
 *
 * @module
 */
import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { excerpt, sha256 } from '@proofmark/core';
import type { PublicKey } from '@proofmark/core';

import { decodeBase64, encodeBase64 } from './base64.ts';
import { TlogError } from './errors.ts';

export const ED25519 = 0x01;
export const COSIGNATURE_V1 = 0x04;
export const COSIGNATURE_ML_DSA_44 = 0x06;

export type SignatureType = typeof ED25519 | typeof COSIGNATURE_V1 | typeof COSIGNATURE_ML_DSA_44;

/** A key that is trusted to sign notes under a name. */
export interface NoteKey {
  readonly name: string;
  /** First four bytes of SHA-256(name || 0x0A || type || public key), big-endian. */
  readonly keyId: number;
  readonly type: SignatureType;
  readonly keyObject: KeyObject;
}

interface KeyForm {
  /** DER SubjectPublicKeyInfo up to the raw key. */
  readonly spkiPrefix: Uint8Array;
  readonly rawBytes: number;
  readonly nodeType: string;
}

const ED25519_FORM: KeyForm = {
  spkiPrefix: Buffer.from('302a300506032b6570032100', 'hex'),
  rawBytes: 32,
  nodeType: 'ed25519',
};
const FORMS: Readonly<Record<SignatureType, KeyForm>> = {
  [ED25519]: ED25519_FORM,
  [COSIGNATURE_V1]: ED25519_FORM,
  [COSIGNATURE_ML_DSA_44]: {
    spkiPrefix: Buffer.from('30820532300b06096086480165030403110382052100', 'hex'),
    rawBytes: 1312,
    nodeType: 'ml-dsa-44',
  },
};

// Everything that Unicode calls white space, plus the one (NEL) that ECMAScript's \s leaves out.
const NAME_FORBIDDEN = /[\s\u0085+\u0000-\u001f\u007f]/;
const VKEY = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/;
const MAX_NAME_CHARACTERS = 512;

/** Whether a name can stand in a signature line. */
export function isKeyName(name: string): boolean {
  return (
    name !== '' &&
    name.length <= MAX_NAME_CHARACTERS &&
    name.isWellFormed() &&
    !NAME_FORBIDDEN.test(name)
  );
}

/**
 * Names a public key as signer of notes.
 *
 * @throws {TlogError} TLOG_KEY_INVALID when the name cannot stand in a note, or the key is not of
 *   the kind that the signature type needs
 */
export function noteKey(name: string, key: KeyObject | PublicKey, type: SignatureType): NoteKey {
  const keyObject = 'keyObject' in key ? key.keyObject : key;
  if (!isKeyName(name)) {
    throw refuse(`the name "${excerpt(name)}" is empty, too long, or has a space or "+"`);
  }
  if (keyObject.asymmetricKeyType !== FORMS[type].nodeType) {
    throw refuse(
      `signature type ${type} needs a key of kind ${FORMS[type].nodeType}, this one is ${keyObject.asymmetricKeyType ?? 'secret'}`,
    );
  }
  return Object.freeze({
    name,
    keyId: keyIdOf(name, type, rawKey(keyObject, type)),
    type,
    keyObject,
  });
}

/** Reads a vkey. @throws {TlogError} TLOG_KEY_INVALID */
export function parseVkey(text: string): NoteKey {
  const { name, id, material } = splitVkey(text);
  const type = material[0];
  if (!isSignatureType(type)) {
    throw refuse(`"${excerpt(text)}" is of signature type ${type ?? 'none'}, which is not known`);
  }
  const form = FORMS[type];
  if (material.length !== 1 + form.rawBytes) {
    throw refuse(`"${excerpt(text)}" has a key of ${material.length - 1} bytes`);
  }
  const key = noteKey(name, importKey(form, material.subarray(1)), type);
  if (key.keyId !== id) {
    throw refuse(`"${excerpt(text)}" has a key id that does not belong to its name and key`);
  }
  return key;
}

/** Writes a vkey. Law: `formatVkey(parseVkey(text)) === text`. */
export function formatVkey(key: NoteKey): string {
  const material = Buffer.concat([Buffer.from([key.type]), rawKey(key.keyObject, key.type)]);
  return `${key.name}+${key.keyId.toString(16).padStart(8, '0')}+${encodeBase64(material)}`;
}

/** Whether two keys wrap the same public key, whatever their names and types. */
export function samePublicKey(a: NoteKey, b: NoteKey): boolean {
  return a.keyObject.equals(b.keyObject);
}

function splitVkey(text: string): {
  readonly name: string;
  readonly id: number;
  readonly material: Uint8Array;
} {
  // The base64 part may hold "+" itself: only the first two separate.
  const match = VKEY.exec(text);
  const [, name = '', id = '', encoded = ''] = match ?? [];
  const material = decodeBase64(encoded);
  if (match === null || material === null) {
    throw refuse(`"${excerpt(text)}" is not name+id+base64`);
  }
  return { name, id: Number.parseInt(id, 16), material };
}

function isSignatureType(type: number | undefined): type is SignatureType {
  return type === ED25519 || type === COSIGNATURE_V1 || type === COSIGNATURE_ML_DSA_44;
}

function keyIdOf(name: string, type: SignatureType, raw: Uint8Array): number {
  const head = Buffer.from(`${name}\n`, 'utf8');
  return Buffer.from(sha256(Buffer.concat([head, Buffer.from([type]), raw]))).readUInt32BE(0);
}

function rawKey(keyObject: KeyObject, type: SignatureType): Uint8Array {
  const der = keyObject.export({ type: 'spki', format: 'der' });
  return der.subarray(der.length - FORMS[type].rawBytes);
}

function importKey(form: KeyForm, raw: Uint8Array): KeyObject {
  try {
    const key = Buffer.concat([form.spkiPrefix, raw]);
    return createPublicKey({ key, format: 'der', type: 'spki' });
  } catch (cause) {
    throw new TlogError('TLOG_KEY_INVALID', 'cannot use the verifier key: its bytes are no key', {
      cause,
    });
  }
}

function refuse(why: string): TlogError {
  return new TlogError(
    'TLOG_KEY_INVALID',
    `cannot use the verifier key: ${why}; copy the vkey again from its publisher`,
  );
}
