/**
 * Asking witnesses to cosign a checkpoint (c2sp.org/tlog-witness, client side).
 *
 * A witness is remote and may be hostile: answers are bounded in time and size, and count only when
 * the cosignature verifies with the key that the policy names.
 *
 * @module
 */
import { excerpt } from '@proofmark/core';

import { formatAddCheckpoint } from './add-checkpoint.ts';
import { openCheckpoint, parseCheckpointText, parseSize } from './checkpoint.ts';
import { cosignatureVerifier } from './cosignature.ts';
import { TlogError } from './errors.ts';
import type { NoteKey } from './note-key.ts';
import {
  MAX_NOTE_BYTES,
  formatSignatureLine,
  parseNote,
  parseSignatureLine,
  verifyNote,
} from './note.ts';
import { isQuorum } from './policy.ts';
import type { PolicyWitness, TlogPolicy } from './policy.ts';
import type { Cosigner } from './publisher.ts';
import { readBody } from './reader.ts';

export interface WitnessRequestOptions {
  /** The global `fetch`, or one with a proxy or a client certificate. */
  readonly fetch: typeof globalThis.fetch;
  /** For one request, from its start to the last byte of the answer. */
  readonly timeoutMs: number;
}

/** A checkpoint to be cosigned. */
export interface Submission {
  readonly checkpoint: Uint8Array;
  /** The size that the witness is believed to know; 0 when nothing is known. */
  readonly oldSize: number;
  readonly prove: (oldSize: number) => Promise<readonly Uint8Array[]>;
}

/** A second 409 means that somebody else submits at the same time. */
const MAX_ATTEMPTS = 3;
const MAX_ANSWER_BYTES = MAX_NOTE_BYTES;

/**
 * Asks one witness. A 409 tells the size that it knows; the request is repeated from there.
 *
 * @returns the verified signature lines, each with its newline
 * @throws {TlogError} TLOG_WITNESS_FAILED, TLOG_WITNESS_REFUSED
 */
export async function requestCosignature(
  witness: { readonly url: string; readonly key: NoteKey },
  submission: Submission,
  options: WitnessRequestOptions,
): Promise<string> {
  const { text } = parseNote(submission.checkpoint);
  const { size } = parseCheckpointText(text);
  let oldSize = Math.min(submission.oldSize, size);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const proof = await submission.prove(oldSize);
    const body = formatAddCheckpoint({ oldSize, proof, checkpoint: submission.checkpoint });
    const answer = await post(witness, body, options);
    if (answer.status === 200) return verifiedLines(witness.key, text, answer.body);
    if (answer.status !== 409) throw refused(witness.key, `it answered ${answer.status}`);
    const known = parseSize(answer.body.replace(/\n$/, ''));
    if (known === null) throw failed(witness.key, 'its 409 names no size');
    if (known > size)
      throw refused(witness.key, `it knows a tree of ${known}, this one has ${size}`);
    oldSize = known;
  }
  throw failed(witness.key, `it changed its mind about the known size ${MAX_ATTEMPTS} times`);
}

/**
 * A cosigner for `openLog`: asks every witness of the policy that has a URL, at the same time, and
 * returns the checkpoint with the cosignatures when they are a quorum.
 */
export function witnessCosigner(policy: TlogPolicy, options: WitnessRequestOptions): Cosigner {
  const reachable = policy.witnesses.flatMap((w) => (w.url === null ? [] : [{ ...w, url: w.url }]));
  // Only a hint that saves a 409: what the witness cosigned last for this process.
  const knownSizes = new Map<string, number>();

  return async (checkpoint, prove) => {
    const { size } = openCheckpoint(
      checkpoint,
      policy.logs.map((log) => log.key),
    );
    const answers = await Promise.allSettled(
      reachable.map(async (witness) => {
        const oldSize = knownSizes.get(witness.name) ?? 0;
        const lines = await requestCosignature(witness, { checkpoint, oldSize, prove }, options);
        knownSizes.set(witness.name, size);
        return { name: witness.name, lines };
      }),
    );
    const cosigned = answers.flatMap((a) => (a.status === 'fulfilled' ? [a.value] : []));
    if (!isQuorum(policy.quorum, new Set(cosigned.map((c) => c.name)))) {
      throw noQuorum(policy.witnesses, cosigned.length, answers);
    }
    const lines = cosigned.map((c) => c.lines).join('');
    return Buffer.concat([checkpoint, Buffer.from(lines, 'utf8')]);
  };
}

async function post(
  witness: { readonly url: string; readonly key: NoteKey },
  body: Uint8Array,
  options: WitnessRequestOptions,
): Promise<{ readonly status: number; readonly body: string }> {
  const base = witness.url.endsWith('/') ? witness.url : `${witness.url}/`;
  try {
    const response = await options.fetch(new URL('add-checkpoint', base), {
      method: 'POST',
      body: Buffer.from(body),
      redirect: 'error',
      signal: AbortSignal.timeout(options.timeoutMs),
    });
    const answer = Buffer.from(await readBody(response, MAX_ANSWER_BYTES)).toString('utf8');
    if (response.status >= 500) throw failed(witness.key, `it answered ${response.status}`);
    return { status: response.status, body: answer };
  } catch (cause) {
    if (cause instanceof TlogError && cause.code === 'TLOG_WITNESS_FAILED') throw cause;
    throw failed(witness.key, 'it did not answer', cause);
  }
}

/** The lines of the answer that are this witness's and verify; other lines are ignored. */
function verifiedLines(key: NoteKey, text: string, body: string): string {
  try {
    const signatures = body
      .split('\n')
      .filter((line) => line !== '')
      .map(parseSignatureLine)
      .filter((s) => s.name === key.name && s.keyId === key.keyId);
    verifyNote({ text, signatures }, [cosignatureVerifier(key)]);
    return signatures.map((s) => formatSignatureLine(key, s.signature)).join('');
  } catch (cause) {
    throw failed(key, 'its answer is no valid cosignature', cause);
  }
}

function failed(key: NoteKey, why: string, cause?: unknown): TlogError {
  return new TlogError(
    'TLOG_WITNESS_FAILED',
    `cannot get a cosignature from "${excerpt(key.name)}": ${why}; check its URL and vkey in the policy`,
    cause === undefined ? {} : { cause },
  );
}

function refused(key: NoteKey, why: string): TlogError {
  return new TlogError(
    'TLOG_WITNESS_REFUSED',
    `cannot get a cosignature from "${excerpt(key.name)}": ${why}; compare its checkpoint with the log's`,
  );
}

function noQuorum(
  witnesses: readonly PolicyWitness[],
  cosigned: number,
  answers: readonly PromiseSettledResult<unknown>[],
): TlogError {
  const reasons = answers.flatMap((a): unknown[] => (a.status === 'rejected' ? [a.reason] : []));
  return new TlogError(
    'TLOG_QUORUM_MISSING',
    `cannot publish a cosigned checkpoint: ${cosigned} of ${witnesses.length} witnesses cosigned it, which is no quorum; see the causes`,
    { cause: new AggregateError(reasons), details: { cosigned } },
  );
}
