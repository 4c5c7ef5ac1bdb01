/**
 * The body of a witness request (c2sp.org/tlog-witness, "add-checkpoint").
 *
 *     old 20852014
 *     <base64 hash>          consistency proof from the old size, 0 to 63 lines
 *     (empty line)
 *     <checkpoint>
 *
 * @module
 */
import { encodeBase64 } from './base64.ts';
import { parseSize } from './checkpoint.ts';
import { TlogError } from './errors.ts';
import { MAX_PROOF_HASHES } from './merkle/proof.ts';
import { MAX_NOTE_BYTES } from './note.ts';
import { readProofHash } from './tlog-proof.ts';

export interface AddCheckpoint {
  /** Size of the tree that the witness cosigned last, as the client believes. */
  readonly oldSize: number;
  readonly proof: readonly Uint8Array[];
  /** The signed note. */
  readonly checkpoint: Uint8Array;
}

/** The longest `old` line, the most hashes, each line with its newline, and the empty line. */
const MAX_HEAD_BYTES: number = 21 + MAX_PROOF_HASHES * 45 + 1;
/** Bytes of the largest body: a note, its proof and an `old` line. */
export const MAX_ADD_CHECKPOINT_BYTES: number = MAX_NOTE_BYTES + MAX_HEAD_BYTES;

/** Writes a body. */
export function formatAddCheckpoint(request: AddCheckpoint): Uint8Array {
  const head = [`old ${request.oldSize}`, ...request.proof.map(encodeBase64), '', ''].join('\n');
  return Buffer.concat([Buffer.from(head, 'utf8'), request.checkpoint]);
}

/** Reads a body; nothing in it is verified. @throws {TlogError} TLOG_PROOF_INVALID */
export function parseAddCheckpoint(body: Uint8Array): AddCheckpoint {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (bytes.length > MAX_ADD_CHECKPOINT_BYTES) throw refuse('it is too large');
  const end = bytes.indexOf('\n\n');
  if (end === -1) throw refuse('no empty line stands before the checkpoint');
  const [oldLine = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\n');
  const oldSize = oldLine.startsWith('old ') ? parseSize(oldLine.slice('old '.length)) : null;
  if (oldSize === null) throw refuse('its first line is not "old" and a size');
  if (lines.length > MAX_PROOF_HASHES) throw refuse(`more than ${MAX_PROOF_HASHES} hashes`);
  return { oldSize, proof: lines.map(readProofHash), checkpoint: bytes.subarray(end + 2) };
}

function refuse(why: string): TlogError {
  return new TlogError('TLOG_PROOF_INVALID', `cannot read the add-checkpoint request: ${why}`);
}
