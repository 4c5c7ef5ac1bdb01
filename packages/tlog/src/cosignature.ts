/**
 * Cosignatures: a witness says that it saw this tree, when, and that it only ever grew
 * (c2sp.org/tlog-cosignature@v1.0.1).
 *
 * Ed25519 (type 0x04) signs `cosignature/v1\ntime <seconds>\n` and the text of the checkpoint.
 * ML-DSA-44 (type 0x06) signs a `subtree/v1` structure over the whole tree, and is verified here but
 * not made. Both are 8 bytes of time, big-endian, then the signature.
 *
 * @module
 */
import { verify } from 'node:crypto';

import { excerpt, publicKey, verifySignature } from '@proofmark/core';
import type { Signer } from '@proofmark/core';

import { parseCheckpointText } from './checkpoint.ts';
import { TlogError } from './errors.ts';
import { COSIGNATURE_ML_DSA_44, COSIGNATURE_V1, ED25519 } from './note-key.ts';
import type { NoteKey } from './note-key.ts';
import { formatSignatureLine } from './note.ts';
import type { NoteVerifier } from './note.ts';

const TIME_BYTES = 8;
const MAX_LABELLED_BYTES = 255;

/**
 * Cosigns the text of a checkpoint; the witness has already checked that the tree only grew.
 *
 * @param timeSeconds POSIX seconds, above 0.
 * @returns one signature line with its newline
 * @throws {TlogError} TLOG_KEY_INVALID when the key is not of type 0x04
 */
export async function cosign(
  text: string,
  key: NoteKey,
  signer: Signer,
  timeSeconds: number,
): Promise<string> {
  if (key.type !== COSIGNATURE_V1) throw wrongType(key);
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(BigInt(timeSeconds));
  const signature = await signer.sign(ed25519Message(text, BigInt(timeSeconds)));
  return formatSignatureLine(key, Buffer.concat([time, signature]));
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
