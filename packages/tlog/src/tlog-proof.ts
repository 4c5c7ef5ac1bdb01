/**
 * Offline proofs that an entry is in a log (c2sp.org/tlog-proof, `.tlog-proof` files).
 *
 *     c2sp.org/tlog-proof@v1
 *     extra <base64>             optional, never trusted
 *     index 73894
 *     <base64 hash>              leaf's sibling first, root's child last
 *     (empty line)
 *     <checkpoint, verbatim>
 *
 * A proof is text from anyone: attacker-controlled until `verifyTlogProof` returns. It needs no
 * network: the entry, the proof and a policy decide.
 *
 * @module
 */
import type { PublicKey } from '@proofmark/core';

import { decodeBase64, encodeBase64 } from './base64.ts';
import type { Checkpoint } from './checkpoint.ts';
import { logNoteKey, parseSize } from './checkpoint.ts';
import { TlogError } from './errors.ts';
import { HASH_BYTES, leafHash } from './merkle/hash.ts';
import { MAX_PROOF_HASHES, verifyInclusion } from './merkle/proof.ts';
import { MAX_NOTE_BYTES } from './note.ts';
import { singleLogPolicy, trustCheckpoint } from './policy.ts';
import type { Cosignature, TlogPolicy } from './policy.ts';

/** A proof as read: nothing in it is verified. */
export interface TlogProof {
  readonly extra: Uint8Array | null;
  readonly index: number;
  readonly hashes: readonly Uint8Array[];
  /** The signed note, verbatim. */
  readonly checkpoint: Uint8Array;
}

/** Trust in one log by its origin and public key, with no witnesses. */
export interface LogTrust {
  readonly origin: string;
  readonly logKey: PublicKey;
}

/** What a proof proved: the entry is at `index` of the tree of `checkpoint`. */
export interface ProvenEntry {
  readonly index: number;
  readonly checkpoint: Checkpoint;
  readonly cosignatures: readonly Cosignature[];
}

const HEADER = 'c2sp.org/tlog-proof@v1';
const MAX_PROOF_CHARACTERS = 2 * MAX_NOTE_BYTES;

/** Writes a proof. */
export function formatTlogProof(proof: TlogProof): string {
  const lines = [
    HEADER,
    ...(proof.extra === null ? [] : [`extra ${encodeBase64(proof.extra)}`]),
    `index ${proof.index}`,
    ...proof.hashes.map(encodeBase64),
    '',
  ];
  return `${lines.join('\n')}\n${new TextDecoder().decode(proof.checkpoint)}`;
}

/** Reads a proof. @throws {TlogError} TLOG_PROOF_INVALID */
export function parseTlogProof(text: string): TlogProof {
  if (text.length > MAX_PROOF_CHARACTERS) throw refuse(`it is over ${MAX_PROOF_CHARACTERS} long`);
  const end = text.indexOf('\n\n');
  if (end === -1) throw refuse('no empty line separates proof and checkpoint');
  const [header, ...lines] = text.slice(0, end).split('\n');
  if (header !== HEADER) throw refuse(`its first line is not ${HEADER}`);
  const extra = lines[0]?.startsWith('extra ') === true ? lines.shift() : undefined;
  const index = readIndex(lines.shift());
  if (lines.length > MAX_PROOF_HASHES) throw refuse(`more than ${MAX_PROOF_HASHES} hashes`);
  return {
    extra: extra === undefined ? null : readExtra(extra),
    index,
    hashes: lines.map(readProofHash),
    checkpoint: new TextEncoder().encode(text.slice(end + 2)),
  };
}

/**
 * Verifies that `entry` (the logged bytes) is in a log that the policy trusts.
 *
 * @throws {TlogError} TLOG_PROOF_INVALID, TLOG_NOTE_INVALID, TLOG_CHECKPOINT_INVALID,
 *   TLOG_SIGNATURE_INVALID, TLOG_QUORUM_MISSING
 */
export function verifyTlogProof(
  proofText: string,
  entry: Uint8Array,
  policy: LogTrust | TlogPolicy,
): ProvenEntry {
  const proof = parseTlogProof(proofText);
  const trusted = trustCheckpoint(proof.checkpoint, asPolicy(policy));
  verifyInclusion({
    index: proof.index,
    size: trusted.checkpoint.size,
    leafHash: leafHash(entry),
    proof: proof.hashes,
    root: trusted.checkpoint.root,
  });
  return { index: proof.index, ...trusted };
}

/** Reads the base64 of one hash. @throws {TlogError} TLOG_PROOF_INVALID */
export function readProofHash(line: string): Uint8Array {
  const hash = decodeBase64(line);
  if (hash === null || hash.length !== HASH_BYTES) throw refuse('a hash is not 32 bytes of base64');
  return hash;
}

function asPolicy(policy: LogTrust | TlogPolicy): TlogPolicy {
  return 'logKey' in policy ? singleLogPolicy(logNoteKey(policy.origin, policy.logKey)) : policy;
}

function readIndex(line: string | undefined): number {
  const index = line?.startsWith('index ') === true ? parseSize(line.slice('index '.length)) : null;
  if (index === null) throw refuse('it has no valid index line');
  return index;
}

function readExtra(line: string): Uint8Array {
  const extra = decodeBase64(line.slice('extra '.length));
  if (extra === null) throw refuse('its extra data is not base64');
  return extra;
}

function refuse(why: string): TlogError {
  return new TlogError(
    'TLOG_PROOF_INVALID',
    `cannot read the .tlog-proof: ${why}; get the proof again from the log`,
  );
}
