/**
 * A small witness: cosigns a log's checkpoints as long as each tree extends the one before
 * (c2sp.org/tlog-witness).
 *
 * Its whole state is the last checkpoint it cosigned for each log. `judge` decides, purely; the
 * store makes "compare with the last one and replace it" one atomic, durable step; only then is the
 * cosignature answered. It does not serve the optional sign-subtree call.
 *
 * @module
 */
import type { Clock } from '@proofmark/core';

import { parseAddCheckpoint } from './add-checkpoint.ts';
import type { AddCheckpoint } from './add-checkpoint.ts';
import type { Checkpoint } from './checkpoint.ts';
import { hasPossibleRoot, parseCheckpointText } from './checkpoint.ts';
import { cosign, cosignatureType } from './cosignature.ts';
import type { CosignatureSigner } from './cosignature.ts';
import { TlogError } from './errors.ts';
import { sameHash } from './merkle/hash.ts';
import { verifyConsistency } from './merkle/proof.ts';
import { noteKey } from './note-key.ts';
import type { NoteKey } from './note-key.ts';
import { ed25519Verifier, formatSignatureLine, parseNote, verifyNote } from './note.ts';
import type { Note } from './note.ts';
import type { WitnessStore } from './witness-store.ts';

export interface WitnessOptions {
  /** Key name of the witness, such as `witness.example/w1`. */
  readonly name: string;
  /** Ed25519 or, better, ML-DSA-44 (`mlDsa44Signer`); used for nothing else. */
  readonly signer: CosignatureSigner;
  /** Keys of the logs that are witnessed; a key's name is the origin of its log. */
  readonly logs: readonly NoteKey[];
  readonly store: WitnessStore;
  readonly clock: Clock;
}

/** What the protocol answers. */
export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422;
  readonly contentType: string;
  readonly body: string;
}

export interface Witness {
  /** The key that verifies this witness's cosignatures. */
  readonly key: NoteKey;
  /**
   * Answers the body of an add-checkpoint request.
   *
   * @throws whatever the store throws; nothing was cosigned then
   */
  addCheckpoint(body: Uint8Array): Promise<WitnessAnswer>;
  /** The last cosigned checkpoint of the log whose origin hashes to this, with our cosignature. */
  latest(originHash: string): Promise<Uint8Array | null>;
}

/** A request that may be cosigned if its tree extends the last one. */
interface Admitted {
  readonly request: AddCheckpoint;
  readonly note: Note;
  readonly checkpoint: Checkpoint;
  /** The log's own signature lines that verified. */
  readonly logSignatures: string;
}

const TEXT = 'text/plain; charset=utf-8';
const SIZE = 'text/x.tlog.size';

/** Makes a witness. @throws {TlogError} TLOG_KEY_INVALID */
export function createWitness(options: WitnessOptions): Witness {
  const { publicKey } = options.signer;
  const key = noteKey(options.name, publicKey, cosignatureType(publicKey));
  return {
    key,
    async addCheckpoint(body) {
      const admitted = admit(body, options.logs);
      if ('status' in admitted) return admitted;
      const { checkpoint, note } = admitted;
      return options.store.update(checkpoint.origin, async (last) => {
        const latest = last === null ? null : parseCheckpointText(parseNote(last).text);
        const refusal = judge(admitted.request, checkpoint, latest);
        if (refusal !== null) return { checkpoint: null, result: refusal };
        const seconds = Math.floor(options.clock() / 1000);
        const line = await cosign(note.text, key, options.signer, seconds);
        const record = `${note.text}\n${admitted.logSignatures}${line}`;
        return {
          checkpoint: new TextEncoder().encode(record),
          result: { status: 200, contentType: TEXT, body: line },
        };
      });
    },
    latest: (originHash) => options.store.latest(originHash),
  };
}

/**
 * Decides whether a tree may be cosigned after `latest`, the last one cosigned for its log.
 *
 * @returns null to cosign, or the refusal to answer
 */
export function judge(
  request: AddCheckpoint,
  checkpoint: Checkpoint,
  latest: Checkpoint | null,
): WitnessAnswer | null {
  const knownSize = latest?.size ?? 0;
  if (request.oldSize > checkpoint.size) return refuse(400, 'the old size is above the new size');
  if (request.oldSize !== knownSize) {
    return { status: 409, contentType: SIZE, body: `${knownSize}\n` };
  }
  if (!hasPossibleRoot(checkpoint)) return refuse(422, 'an empty tree has another root');
  if (
    latest !== null &&
    latest.size === checkpoint.size &&
    !sameHash(latest.root, checkpoint.root)
  ) {
    return refuse(422, 'another root was cosigned for this size');
  }
  return isConsistent(request, checkpoint, latest)
    ? null
    : refuse(422, 'the proof does not verify');
}

function isConsistent(
  request: AddCheckpoint,
  checkpoint: Checkpoint,
  latest: Checkpoint | null,
): boolean {
  if (latest === null) return request.proof.length === 0;
  try {
    verifyConsistency({
      oldSize: latest.size,
      oldRoot: latest.root,
      size: checkpoint.size,
      root: checkpoint.root,
      proof: request.proof,
    });
    return true;
  } catch {
    return false; // Whatever a proof breaks, it does not verify.
  }
}

/** Reads a request and checks the log's signature, in the order that the protocol states. */
function admit(body: Uint8Array, logs: readonly NoteKey[]): Admitted | WitnessAnswer {
  try {
    const request = parseAddCheckpoint(body);
    const note = parseNote(request.checkpoint);
    const checkpoint = parseCheckpointText(note.text);
    const keys = logs.filter((key) => key.name === checkpoint.origin);
    if (keys.length === 0) return refuse(404, 'this log is not witnessed here');
    verifyNote(note, keys.map(ed25519Verifier));
    return { request, note, checkpoint, logSignatures: linesBy(note, keys) };
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    return error.code === 'TLOG_SIGNATURE_INVALID'
      ? refuse(403, 'the log did not sign this checkpoint')
      : refuse(400, 'the request is not well formed');
  }
}

function linesBy(note: Note, keys: readonly NoteKey[]): string {
  const lines = note.signatures.flatMap(({ name, keyId, signature }) =>
    keys
      .filter((key) => key.name === name && key.keyId === keyId)
      .map((key) => formatSignatureLine(key, signature)),
  );
  return [...new Set(lines)].join('');
}

function refuse(status: 400 | 403 | 404 | 422, why: string): WitnessAnswer {
  return { status, contentType: TEXT, body: `${why}\n` };
}
