import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ArtifactError } from '@proofmark/artifact';
import { RunnerError } from '@proofmark/runner';
import fc from 'fast-check';

import { exitCodeOfReports, isRefused, mustThrow } from '../../src/attacks/attack.ts';
import type { AttackReport, Trial } from '../../src/attacks/attack.ts';

const TRIAL = { tried: 'verify', by: 'artifact', expected: 'ARTIFACT_CONTENT_MISMATCH' };

function failing(error: unknown): () => Promise<never> {
  return () => Promise.reject(error);
}

function report(outcome: AttackReport['outcome']): AttackReport {
  return { id: 'a', title: 'one', outcome, trials: [], problem: null };
}

test('what throws the expected code is refused, with its message', async () => {
  const error = new ArtifactError('ARTIFACT_CONTENT_MISMATCH', '"w.bin" was changed');

  const trial = await mustThrow(TRIAL, failing(error));

  assert.ok(isRefused(trial));
  assert.equal(trial.detail, '"w.bin" was changed');
});

test('what is accepted, or refused for another reason, is not refused', async () => {
  const other = new ArtifactError('ARTIFACT_SIGNATURE_UNTRUSTED', 'another key');

  const accepted = await mustThrow(TRIAL, () => Promise.resolve('fine'));
  const misjudged = await mustThrow(TRIAL, failing(other));

  assert.ok(!isRefused(accepted));
  assert.equal(accepted.code, null);
  assert.ok(!isRefused(misjudged));
  assert.equal(misjudged.code, 'ARTIFACT_SIGNATURE_UNTRUSTED');
});

test('what kept the attack from being judged is thrown on', async () => {
  const missing = new RunnerError('RUNNER_SANDBOX_UNAVAILABLE', 'no bubblewrap');

  await assert.rejects(mustThrow(TRIAL, failing(missing)), missing);
  await assert.rejects(mustThrow(TRIAL, failing(new TypeError('a defect'))), TypeError);
});

test('0 only when all six were carried out and refused', () => {
  const refused = Array.from({ length: 6 }, () => report('refused'));

  assert.equal(exitCodeOfReports(refused, 6), 0);
  assert.equal(exitCodeOfReports(refused.slice(1), 6), 2);
  assert.equal(exitCodeOfReports([], 6), 2);
});

test('one accepted attack is 1, one that could not be carried out is 2 whatever the others did', () => {
  const outcome = fc.constantFrom<AttackReport['outcome']>('refused', 'accepted', 'error');
  fc.assert(
    fc.property(fc.array(outcome, { minLength: 6, maxLength: 6 }), (outcomes) => {
      const expected = outcomes.includes('error') ? 2 : outcomes.includes('accepted') ? 1 : 0;

      assert.equal(exitCodeOfReports(outcomes.map(report), 6), expected);
    }),
  );
});

test('a trial without a code is never refused, whatever was expected', () => {
  fc.assert(
    fc.property(fc.string(), fc.option(fc.string()), (expected, code) => {
      const trial: Trial = { ...TRIAL, expected, code, detail: '' };

      assert.equal(isRefused(trial), code === expected);
    }),
  );
});
