import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readGatePolicy } from '@proofmark/registry';

import { SUITE_DIGEST, evaluator, policyDocument, signers } from '../world.ts';

test('keys of a rule become the ids of those keys', () => {
  const { rules } = readGatePolicy(policyDocument());

  assert.deepEqual(rules.scan?.keyIds, [signers.scanner.publicKey.keyId]);
  assert.deepEqual(
    [...(rules.approval?.approvers ?? [])],
    [
      ['alice', signers.alice.publicKey.keyId],
      ['bob', signers.bob.publicKey.keyId],
    ],
  );
});

test('what counts is named by digest, or is anything', () => {
  const { rules } = readGatePolicy(policyDocument());

  assert.equal(rules.scan?.scanners, 'any');
  assert.deepEqual(rules.regression?.suites, [SUITE_DIGEST]);
  assert.deepEqual(rules.regression.evaluators, [evaluator]);
});

test('values that are written take the place of the defaults', () => {
  const { rules } = readGatePolicy(
    policyDocument({
      dependencies: {
        keys: ['scanner', 'tester'],
        dryRun: true,
        maxAgeHours: 0.5,
        maxCvss: 8.9,
        maxDatabaseAgeHours: 1,
        accepted: [{ id: 'CVE-1', until: '2027-01-01T00:00:00Z', reason: 'not reachable' }],
      },
      regression: {
        keys: ['tester'],
        suites: 'any',
        evaluators: 'any',
        minAttempts: 150,
        maxSevereActions: 1,
        maxFamilyRate: 0.2,
        injection: { bound: 'point' },
        content: { rate: 0.9 },
      },
    }),
  );

  const { dependencies, regression } = rules;
  assert.deepEqual(dependencies, {
    dryRun: true,
    keyIds: [signers.scanner, signers.tester].map((s) => s.publicKey.keyId),
    maxAgeHours: 0.5,
    maxCvss: 8.9,
    maxDatabaseAgeHours: 1,
    accepted: new Map([
      ['CVE-1', { untilMs: Date.parse('2027-01-01T00:00:00Z'), reason: 'not reachable' }],
    ]),
  });
  assert.deepEqual(
    [regression?.minAttempts, regression?.maxSevereActions, regression?.maxFamilyRate],
    [150, 1, 0.2],
  );
  assert.deepEqual(regression?.injection, { bound: 'point', rate: 0.01 });
  assert.deepEqual(regression.content, { bound: 'clopper-pearson-95', rate: 0.9 });
});

test('a rule that is left out is null', () => {
  const { rules } = readGatePolicy(
    policyDocument({ secrets: undefined, omitted: { secrets: 'it uses none' } }),
  );

  assert.equal(rules.secrets, null);
});
