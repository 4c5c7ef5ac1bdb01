/**
 * Is a log entry really in a transparency log that is trusted, and since when?
 *
 * Always by inclusion proof under a checkpoint that the log signed. Where the entry also carries a
 * signed entry timestamp (Rekor v1), it must verify too, and only then does the entry's time count:
 * the time itself stands outside the Merkle tree.
 *
 * @module
 */
import { timingSafeEqual, verify } from 'node:crypto';

import { canonicalJson } from '@proofmark/core';

import type { InclusionEvidence, LogEntry } from './bundle-evidence.ts';
import { verifyCheckpoint } from './checkpoint.ts';
import { keylessError } from './keyless-error.ts';
import { rootOf } from './merkle-inclusion.ts';
import { isValidAt } from './trusted-root.ts';
import type { TrustedLog } from './trusted-root.ts';

/** An entry that was proven to be in a trusted log. */
export interface IncludedEntry {
  readonly logIndex: number;
  readonly logName: string;
  readonly log: TrustedLog;
  /** When the log says it took the entry, milliseconds; `null` where it does not sign a time. */
  readonly integratedMs: number | null;
}

/** @throws {ArtifactError} ARTIFACT_LOG_ENTRY_INVALID */
export function verifyInclusion(entry: LogEntry, logs: readonly TrustedLog[]): IncludedEntry {
  const log = logs.find(({ logId }) => logId === entry.logId);
  if (log === undefined) throw refuse('its log is not one that the trusted root names');
  if (entry.proof === null) throw refuse('it has no inclusion proof');
  verifyProof(entry, entry.proof, log);
  const integratedMs = entry.promise === null ? null : verifyPromise(entry, entry.promise, log);
  return { logIndex: entry.logIndex, logName: log.name, log, integratedMs };
}

/** Whether the log was in use when this entry was made. @throws ARTIFACT_LOG_ENTRY_INVALID */
export function requireLogInUse({ log }: IncludedEntry, atMs: number): void {
  if (!isValidAt(log.validity, atMs)) throw refuse('its log was not in use at that time');
}

function verifyProof(entry: LogEntry, proof: InclusionEvidence, log: TrustedLog): void {
  const checkpoint = verifyCheckpoint(proof.checkpoint, log);
  const sameTree = checkpoint.size === proof.size && equal(checkpoint.root, proof.root);
  if (!sameTree) throw refuse('its proof is about another tree than its checkpoint');
  const { index, size, hashes } = proof;
  const root = rootOf({ index, size, leaf: entry.body, hashes });
  if (root === null || !equal(root, checkpoint.root)) {
    throw refuse('its inclusion proof does not lead to the root of the log');
  }
}

/** The time of the entry, milliseconds. */
function verifyPromise(entry: LogEntry, promise: Uint8Array, log: TrustedLog): number {
  if (entry.integratedSeconds === null) throw refuse('it is signed without a time');
  const covered = canonicalJson({
    body: Buffer.from(entry.body).toString('base64'),
    integratedTime: entry.integratedSeconds,
    logID: entry.logId,
    logIndex: entry.logIndex,
  });
  if (!isSigned(Buffer.from(covered), promise, log)) {
    throw refuse('its signed entry timestamp does not verify');
  }
  return entry.integratedSeconds * 1000;
}

function isSigned(covered: Uint8Array, signature: Uint8Array, { key }: TrustedLog): boolean {
  try {
    return verify(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', covered, key, signature);
  } catch {
    return false;
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function refuse(why: string): Error {
  return keylessError(
    'ARTIFACT_LOG_ENTRY_INVALID',
    `a transparency log entry is not proven: ${why}`,
  );
}
