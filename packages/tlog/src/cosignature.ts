/**
 * Cosignatures: a witness says that it saw this tree, when, and that it only ever grew
 * (c2sp.org/tlog-cosignature@v1.0.1).
 *
 * Ed25519 (type 0x04) signs `cosignature/v1\ntime <seconds>\n` and the text of the checkpoint.
 * ML-DSA-44 (type 0x06) signs a `subtree/v1` structure over the whole tree, which leaves out extension
 * lines. Both are 8 bytes of time, big-endian, then the signature.
 *
 * @module
 */
import { createPublicKey, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { excerpt, publicKey, verifySignature } from '@proofmark/core';
import type { PublicKey } from '@proofmark/core';

import { parseCheckpointText } from './checkpoint.ts';
import { TlogError } from './errors.ts';
import { COSIGNATURE_ML_DSA_44, COSIGNATURE_V1, ED25519 } from './note-key.ts';
import type { NoteKey, SignatureType } from './note-key.ts';
import { formatSignatureLine } from './note.ts';
import type { NoteVerifier } from './note.ts';

/** What signs for a witness: a `Signer` with an Ed25519 key, or `mlDsa44Signer`. */
export interface CosignatureSigner {
  readonly publicKey: PublicKey | KeyObject;
  sign(message: Uint8Array): Promise<Uint8Array>;
}

const TIME_BYTES = 8;
const MAX_LABELLED_BYTES = 255;

/**
 * Cosigns the text of a checkpoint; the witness has already checked that the tree only grew.
 *
 * @param timeSeconds POSIX seconds, above 0.
 * @returns one signature line with its newline
 * @throws {TlogError} TLOG_KEY_INVALID when the key is one of a log, or a name is longer than the 255
 *   bytes that an ML-DSA-44 cosignature has for it
 */
export async function cosign(
  text: string,
  key: NoteKey,
  signer: CosignatureSigner,
  timeSeconds: number,
): Promise<string> {
  if (key.type === ED25519) throw wrongType(key);
  const time = BigInt(timeSeconds);
  const message =
    key.type === COSIGNATURE_V1 ? ed25519Message(text, time) : mlDsaMessage(text, key.name, time);
  if (message === null) throw tooLong(key);
  return formatSignatureLine(key, Buffer.concat([uint64(time), await signer.sign(message)]));
}

/** Signs cosignatures with an ML-DSA-44 private key. @throws {TlogError} TLOG_KEY_INVALID */
export function mlDsa44Signer(privateKey: KeyObject): CosignatureSigner {
  if (privateKey.type !== 'private' || privateKey.asymmetricKeyType !== 'ml-dsa-44') {
    throw new TlogError(
      'TLOG_KEY_INVALID',
      `cannot cosign: an ML-DSA-44 private key was expected, this one is ${privateKey.asymmetricKeyType ?? 'secret'}; make one with openssl genpkey -algorithm ML-DSA-44`,
    );
  }
  return {
    publicKey: createPublicKey(privateKey),
    sign: (message) => Promise.resolve(sign(null, message, privateKey)),
  };
}

/** The signature type that fits a witness's public key. */
export function cosignatureType(key: PublicKey | KeyObject): SignatureType {
  const keyObject = 'keyObject' in key ? key.keyObject : key;
  return keyObject.asymmetricKeyType === 'ml-dsa-44' ? COSIGNATURE_ML_DSA_44 : COSIGNATURE_V1;
}

/** Checks cosignatures by one witness. @throws {TlogError} TLOG_KEY_INVALID for a log's key */
export function cosignatureVerifier(key: NoteKey): NoteVerifier {
  if (key.type === ED25519) throw wrongType(key);
  return {
    name: key.name,
    keyId: key.keyId,
    verify: (text, signature) => verifyCosignature(key, text, signature),
  };
}

/** The POSIX seconds in a cosignature; means nothing until the cosignature is verified. */
export function cosignatureTime(signature: Uint8Array): number | null {
  if (signature.length <= TIME_BYTES) return null;
  const time = Buffer.from(signature).readBigUInt64BE(0);
  return time <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(time) : null;
}

function verifyCosignature(key: NoteKey, text: string, signature: Uint8Array): boolean {
  const time = cosignatureTime(signature);
  // The whole tree of a checkpoint is cosigned with a time: zero is for subtrees only.
  if (time === null || time === 0) return false;
  const raw = signature.subarray(TIME_BYTES);
  if (key.type === COSIGNATURE_ML_DSA_44) {
    const message = mlDsaMessage(text, key.name, BigInt(time));
    return message !== null && verifyMlDsa(key, message, raw);
  }
  return verifySignature(publicKey(key.keyObject), ed25519Message(text, BigInt(time)), raw);
}

function ed25519Message(text: string, time: bigint): Uint8Array {
  return Buffer.from(`cosignature/v1\ntime ${time}\n${text}`, 'utf8');
}

/** The `cosigned_message` structure, or null where a name does not fit its 255 bytes. */
function mlDsaMessage(text: string, cosigner: string, time: bigint): Uint8Array | null {
  const { origin, size, root } = parseCheckpointText(text);
  const name = Buffer.from(cosigner, 'utf8');
  const log = Buffer.from(origin, 'utf8');
  if (name.length > MAX_LABELLED_BYTES || log.length > MAX_LABELLED_BYTES) return null;
  return Buffer.concat([
    Buffer.from('subtree/v1\n\0', 'latin1'),
    Buffer.from([name.length]),
    name,
    uint64(time),
    Buffer.from([log.length]),
    log,
    uint64(0n),
    uint64(BigInt(size)),
    root,
  ]);
}

function verifyMlDsa(key: NoteKey, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(null, message, key.keyObject, signature);
  } catch {
    return false; // A malformed signature is not a valid one.
  }
}

function uint64(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

function wrongType(key: NoteKey): TlogError {
  return new TlogError(
    'TLOG_KEY_INVALID',
    `cannot use "${excerpt(key.name)}" for cosignatures: its key is of signature type ${key.type}; give the witness's cosignature vkey`,
  );
}

function tooLong(key: NoteKey): TlogError {
  return new TlogError(
    'TLOG_KEY_INVALID',
    `cannot cosign as "${excerpt(key.name)}": its name or the origin is over ${MAX_LABELLED_BYTES} bytes, which ML-DSA-44 cosignatures cannot name; use shorter ones`,
  );
}
