/**
 * A transparency log's checkpoint inside a bundle: a C2SP signed note.
 *
 * ```
 * rekor.sigstore.dev - 1193050959916656506
 * 649584076
 * rnpacIXSjoToEDh0qD4CLAKdkPnW1Y4R1DhFMS+AGlI=
 *
 * — rekor.sigstore.dev wNI9ajBFAiB+...
 * ```
 *
 * Rekor v1 signs with ECDSA and takes the first bytes of its log id as key id; Rekor v2 signs as
 * C2SP has it, with Ed25519 and under its own origin. Lines of other signers (witnesses) are
 * ignored. Attacker-controlled until `verifyCheckpoint` returns.
 *
 * @module
 */
import { verify } from 'node:crypto';

import { keylessError } from './keyless-error.ts';
import type { TrustedLog } from './trusted-root.ts';

export interface Checkpoint {
  readonly size: number;
  readonly root: Uint8Array;
}

const MAX_CHARACTERS = 64 * 1024;
const MAX_SIGNATURES = 64;
const KEY_ID_BYTES = 4;
const SIGNATURE_LINE = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/;

/** Reads a checkpoint that `log` signed. @throws {ArtifactError} ARTIFACT_LOG_ENTRY_INVALID */
export function verifyCheckpoint(note: string, log: TrustedLog): Checkpoint {
  const end = note.indexOf('\n\n');
  if (note.length > MAX_CHARACTERS || end < 0) throw refuse('it has no signatures');
  const text = note.slice(0, end + 1);
  const [origin = '', size = '', root = ''] = text.split('\n');
  if (origin === '' || !/^(?:0|[1-9]\d{0,15})$/.test(size) || !/^[A-Za-z0-9+/]{43}=$/.test(root)) {
    throw refuse('it does not state an origin, a size and a root');
  }
  const lines = note.slice(end + 2).split('\n');
  if (lines.pop() !== '' || lines.length > MAX_SIGNATURES)
    throw refuse('its signatures are cut off');
  if (!lines.map(readLine).some((line) => isBy(line, text, log, origin))) {
    throw refuse('the log that the entry names did not sign it');
  }
  return { size: Number(size), root: Buffer.from(root, 'base64') };
}

interface SignatureLine {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

function readLine(line: string): SignatureLine {
  const [, name = '', encoded = ''] = SIGNATURE_LINE.exec(line) ?? [];
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length <= KEY_ID_BYTES) throw refuse('a signature line cannot be read');
  return {
    name,
    keyId: bytes.subarray(0, KEY_ID_BYTES),
    signature: bytes.subarray(KEY_ID_BYTES),
  };
}

function isBy(line: SignatureLine, text: string, log: TrustedLog, origin: string): boolean {
  const logId = Buffer.from(log.logId, 'hex').subarray(0, KEY_ID_BYTES);
  if (!logId.equals(line.keyId)) return false;
  const isTiled = log.key.asymmetricKeyType === 'ed25519';
  if (isTiled && (line.name !== log.name || origin !== log.name)) return false;
  try {
    return verify(isTiled ? null : 'sha256', Buffer.from(text), log.key, line.signature);
  } catch {
    return false; // OpenSSL throws on some malformed signatures: not valid, like any other.
  }
}

function refuse(why: string): Error {
  return keylessError('ARTIFACT_LOG_ENTRY_INVALID', `the log's checkpoint cannot be used: ${why}`);
}
