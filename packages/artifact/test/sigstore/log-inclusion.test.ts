import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { LogEntry } from '../../src/sigstore/bundle-evidence.ts';
import { requireLogInUse, verifyInclusion } from '../../src/sigstore/log-inclusion.ts';
import { parseTrustedRoot } from '../../src/sigstore/trusted-root.ts';
import { makeInstance } from './instance.ts';

const NOW = Date.parse('2026-05-01T00:00:00Z');
const instance = makeInstance(NOW);
const { artifactLogs } = parseTrustedRoot(instance.trustedRoot);

interface AnswerV1 {
  readonly body: string;
  readonly integratedTime: number;
  readonly logID: string;
  readonly logIndex: number;
  readonly verification: {
    readonly signedEntryTimestamp: string;
    readonly inclusionProof: {
      readonly checkpoint: string;
      readonly hashes: readonly string[];
      readonly logIndex: number;
      readonly rootHash: string;
      readonly treeSize: number;
    };
  };
}

function entryV1(): LogEntry {
  const answer = Object.values(instance.logV1(Buffer.from('body'), NOW))[0] as AnswerV1;
  const { inclusionProof: proof, signedEntryTimestamp } = answer.verification;
  return {
    logId: answer.logID,
    kind: 'dsse',
    version: '0.0.1',
    logIndex: answer.logIndex,
    integratedSeconds: answer.integratedTime,
    promise: Buffer.from(signedEntryTimestamp, 'base64'),
    proof: {
      index: proof.logIndex,
      size: proof.treeSize,
      root: Buffer.from(proof.rootHash, 'hex'),
      hashes: proof.hashes.map((hash) => Buffer.from(hash, 'hex')),
      checkpoint: proof.checkpoint,
    },
    body: Buffer.from(answer.body, 'base64'),
  };
}

const entry = entryV1();
const refused = { code: 'ARTIFACT_LOG_ENTRY_INVALID' };

test('the time of an entry counts only under the signature of the log', () => {
  assert.equal(verifyInclusion(entry, artifactLogs).integratedMs, NOW);
  assert.equal(verifyInclusion({ ...entry, promise: null }, artifactLogs).integratedMs, null);
  for (const change of [{ integratedSeconds: 1 }, { logIndex: 1 }, { integratedSeconds: null }]) {
    assert.throws(() => verifyInclusion({ ...entry, ...change }, artifactLogs), refused);
  }
});

test('a signed time is no proof of inclusion', () => {
  assert.throws(() => verifyInclusion({ ...entry, proof: null }, artifactLogs), refused);
});

test('a proof must be about the tree of its checkpoint, and lead there', () => {
  const { proof } = entry;
  assert.ok(proof);
  for (const change of [
    { index: proof.index + 1 },
    { size: proof.size + 1 },
    { root: Buffer.alloc(32) },
    { hashes: proof.hashes.slice(1) },
  ]) {
    const changed = { ...entry, proof: { ...proof, ...change } };
    assert.throws(() => verifyInclusion(changed, artifactLogs), refused);
  }
});

test('a log counts only while it is in use', () => {
  const included = verifyInclusion(entry, artifactLogs);

  requireLogInUse(included, NOW);
  assert.throws(() => requireLogInUse(included, NOW - 2 * 86_400_000), refused);
});
