/**
 * Signed notes: text and the signature lines under it (c2sp.org/signed-note@v1.0.0).
 *
 *     text, ends in a newline
 *     (empty line)
 *     — <key name> base64(key id, 4 bytes big-endian || signature)
 *
 * `parseNote` reads attacker-controlled bytes and says nothing about who signed. `verifyNote` is the
 * only judge: a signature by a known name and key id must verify, a signature by anyone else is
 * ignored, and at least one must be by a known key.
 *
 * @module
 */
import { excerpt, publicKey, verifySignature } from '@proofmark/core';
import type { Signer } from '@proofmark/core';

import { decodeBase64, encodeBase64 } from './base64.ts';
import { TlogError } from './errors.ts';
import { ED25519, isKeyName, noteKey } from './note-key.ts';
import type { NoteKey } from './note-key.ts';

export interface NoteSignature {
  readonly name: string;
  readonly keyId: number;
  readonly signature: Uint8Array;
}

/** A note as read: nothing in it is verified. */
export interface Note {
  /** Includes the final newline, not the empty line before the signatures. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** Checks one kind of signature over the text of a note. */
export interface NoteVerifier {
  readonly name: string;
  readonly keyId: number;
  verify(text: string, signature: Uint8Array): boolean;
}

/** Room for a checkpoint with 16 ML-DSA-44 signatures of 3.3 kB, twice. */
export const MAX_NOTE_BYTES: number = 128 * 1024;
const MAX_SIGNATURES = 64;
const FORBIDDEN = /[\u0000-\u0009\u000b-\u001f]/;
const SIGNATURE_LINE = /^\u2014 (\S+) ([A-Za-z0-9+/]+={0,2})$/u;

/** Splits a note into text and signatures. @throws {TlogError} TLOG_NOTE_INVALID */
export function parseNote(bytes: Uint8Array): Note {
  if (bytes.length > MAX_NOTE_BYTES) throw refuse(`it is larger than ${MAX_NOTE_BYTES} bytes`);
  const whole = decodeText(bytes);
  // The text may hold empty lines: the last one is the separator.
  const separator = whole.lastIndexOf('\n\n');
  if (separator === -1) throw refuse('no empty line separates text and signatures');
  if (!whole.endsWith('\n')) throw refuse('it does not end in a newline');
  const lines = whole.slice(separator + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw refuse(`more than ${MAX_SIGNATURES} signatures`);
  return { text: whole.slice(0, separator + 1), signatures: lines.map(parseSignatureLine) };
}

/** Reads `— name base64`. @throws {TlogError} TLOG_NOTE_INVALID */
export function parseSignatureLine(line: string): NoteSignature {
  const [, name = '', encoded = ''] = SIGNATURE_LINE.exec(line) ?? [];
  if (!isKeyName(name)) throw refuse(`"${excerpt(line)}" is not a signature line`);
  const bytes = decodeBase64(encoded);
  if (bytes === null || bytes.length < 5)
    throw refuse('a signature is not base64 of 5 bytes or more');
  return { name, keyId: Buffer.from(bytes).readUInt32BE(0), signature: bytes.subarray(4) };
}

/** Writes one signature line, with its newline. */
export function formatSignatureLine(key: NoteKey, signature: Uint8Array): string {
  const id = Buffer.alloc(4);
  id.writeUInt32BE(key.keyId);
  return `\u2014 ${key.name} ${encodeBase64(Buffer.concat([id, signature]))}\n`;
}

/**
 * Checks every signature by a known key.
 *
 * @returns the verifiers whose signatures verified, each once, at least one
 * @throws {TlogError} TLOG_SIGNATURE_INVALID when none is by a known key or one of them is false
 */
export function verifyNote<V extends NoteVerifier>(note: Note, known: readonly V[]): readonly V[] {
  const verified = new Set<V>();
  for (const { name, keyId, signature } of note.signatures) {
    for (const verifier of known) {
      if (verifier.name !== name || verifier.keyId !== keyId) continue;
      if (!verifier.verify(note.text, signature)) {
        throw unverified(`the signature of "${excerpt(name)}" does not match the text`);
      }
      verified.add(verifier);
    }
  }
  if (verified.size === 0) throw unverified('no trusted key has signed it');
  return [...verified];
}

/** Checks signatures of type 0x01: Ed25519 over the text. @throws {TlogError} TLOG_KEY_INVALID */
export function ed25519Verifier(key: NoteKey): NoteVerifier {
  if (key.type !== ED25519) {
    throw new TlogError(
      'TLOG_KEY_INVALID',
      `cannot check note signatures with "${excerpt(key.name)}": its key is of type ${key.type}, not 1; give the log's own vkey`,
    );
  }
  const trusted = publicKey(key.keyObject);
  return {
    name: key.name,
    keyId: key.keyId,
    verify: (text, signature) => verifySignature(trusted, Buffer.from(text, 'utf8'), signature),
  };
}

/**
 * Signs a text under a key name with Ed25519 (type 0x01).
 *
 * @throws {TlogError} TLOG_NOTE_INVALID for a text that cannot be a note, TLOG_KEY_INVALID
 */
export async function signNote(text: string, name: string, signer: Signer): Promise<Uint8Array> {
  const key = noteKey(name, signer.publicKey, ED25519);
  checkText(text);
  const signature = await signer.sign(Buffer.from(text, 'utf8'));
  return new TextEncoder().encode(`${text}\n${formatSignatureLine(key, signature)}`);
}

function checkText(text: string): void {
  if (!text.endsWith('\n')) throw refuse('its text does not end in a newline');
  if (!text.isWellFormed() || FORBIDDEN.test(text))
    throw refuse('its text has a control character');
}

function decodeText(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes);
  if (FORBIDDEN.test(text)) throw refuse('it has a control character');
  return text;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new TlogError('TLOG_NOTE_INVALID', 'cannot read the signed note: it is not UTF-8', {
      cause,
    });
  }
}

function refuse(why: string): TlogError {
  return new TlogError(
    'TLOG_NOTE_INVALID',
    `cannot read the signed note: ${why}; get it again from its source`,
  );
}

function unverified(why: string): TlogError {
  return new TlogError(
    'TLOG_SIGNATURE_INVALID',
    `cannot trust the signed note: ${why}; check which keys the policy trusts and treat the content as hostile`,
  );
}
