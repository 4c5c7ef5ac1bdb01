import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';

import type { Json, JsonObject } from '@proofmark/core';
import { publicKey, publicKeyPem } from '@proofmark/core';
import { readGatePolicy } from '@proofmark/registry';

import { SUITE_DIGEST, evaluator, policyDocument, registryError, signers } from '../world.ts';

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

test('what counts must be said, if only "any"', () => {
  const document = policyDocument();
  for (const [rule, field] of [
    ['scan', 'scanners'],
    ['regression', 'suites'],
    ['regression', 'evaluators'],
  ] as const) {
    const { [field]: _, ...rest } = document[rule] as JsonObject;

    assert.throws(() => readGatePolicy({ ...document, [rule]: rest }), /or write "any"/);
  }
});

test('an approver has a plain name, as everybody who acts', () => {
  const document = policyDocument();
  const approval = document['approval'] as JsonObject;
  for (const name of ['two words', '', '<b>', 'a'.repeat(200)]) {
    const approvers = { alice: 'alice', bob: 'bob', [name]: 'tester' };

    assert.throws(
      () => readGatePolicy({ ...document, approval: { ...approval, approvers } }),
      /not a name for a person/,
    );
  }
});

test('a policy asks for at most 100 approvers, and a person has at most 64 other names', () => {
  const document = policyDocument();
  const approval = document['approval'] as JsonObject;
  const names = Array.from({ length: 101 }, (_, at) => `p${at}`);
  const keys = Object.fromEntries(
    names.map((name) => [name, publicKeyPem(publicKey(generateKeyPairSync('ed25519').publicKey))]),
  );
  const approvers = Object.fromEntries(names.map((name) => [name, name]));
  const write = (change: JsonObject): unknown =>
    readGatePolicy({
      ...document,
      keys: { ...(document['keys'] as JsonObject), ...keys },
      approval: { ...approval, approvers, ...change },
    });
  const people = (count: number): JsonObject => ({
    people: { p0: Array.from({ length: count }, (_, at) => `login-${at}`) },
  });

  assert.ok(write({ required: 100 }));
  assert.throws(() => write({ required: 101 }), registryError('REGISTRY_POLICY_INVALID'));
  assert.ok(write(people(64)));
  assert.throws(() => write(people(65)), registryError('REGISTRY_POLICY_INVALID'));
  assert.ok(write({ people: { p0: ['x'.repeat(512)] } }));
  assert.throws(
    () => write({ people: { p0: ['x'.repeat(513)] } }),
    registryError('REGISTRY_POLICY_INVALID'),
  );
  for (const required of [0, 1.5]) {
    assert.throws(() => write({ required }), registryError('REGISTRY_POLICY_INVALID'));
  }
});

test('a rule that is left out is null', () => {
  const { rules } = readGatePolicy(
    policyDocument({ secrets: undefined, omitted: { secrets: 'it uses none' } }),
  );

  assert.equal(rules.secrets, null);
});

describe('a field may have its largest and smallest value, and none beyond:', () => {
  const digests = (count: number): string[] => Array.from({ length: count }, () => SUITE_DIGEST);
  const many = <T>(item: T, count: number): T[] => Array.from({ length: count }, () => item);
  const accepted = (id: string): Json => [{ id, until: '2027-01-01T00:00:00Z', reason: 'x' }];
  const judge = (change: JsonObject): Json => [{ ...evaluator, ...change }];
  const scored = (change: JsonObject): Json => [{ ...evaluator, margin: 0.02, ...change }];
  const bom = { keys: ['scanner'] };
  const cases: readonly (readonly [string, string, readonly Json[], readonly Json[]])[] = [
    ['scan', 'maxAgeHours', [8784, 1 / 60], [8784.1, 1 / 60.1]],
    ['scan', 'scanners', [digests(256), 'any'], [digests(257)]],
    ['scan', 'keys', [many('scanner', 256)], [many('scanner', 257)]],
    ['dependencies', 'accepted', [accepted('x'.repeat(128))], [accepted('x'.repeat(129))]],
    ['dependencies', 'maxCvss', [0, 10], [-0.1, 10.1]],
    ['bom', 'licences', [many('x'.repeat(128), 256)], [['x'.repeat(129)], many('MIT', 257)]],
    ['bom', 'known', [[], ['licence']], [many('licence', 9)]],
    ['regression', 'minAttempts', [1, 1e9], [0.9, 1e9 + 1]],
    ['regression', 'maxFamilyRate', [0, 1], [-0.1, 1.1]],
    ['regression', 'evaluators', [many({ ...evaluator }, 64)], [many({ ...evaluator }, 65)]],
    [
      'regression',
      'evaluators',
      [judge({ id: 'x'.repeat(128) })],
      [judge({ id: 'x'.repeat(129) })],
    ],
    [
      'regression',
      'evaluators',
      [judge({ version: 'x'.repeat(128) })],
      [judge({ version: 'x'.repeat(129) })],
    ],
    ['regression', 'injection', [{ rate: 0 }, { rate: 1 }], [{ rate: 1.1 }, { rate: -0.1 }]],
    ['shadow', 'evaluators', [scored({ margin: 0.999 })], [scored({ margin: 0.9991 })]],
    ['shadow', 'evaluators', [scored({ margin: 1e-6 })], [scored({ margin: 0.9e-6 })]],
    ['shadow', 'minEValue', [1, 1e12], [0.9, 1e12 + 1]],
    ['shadow', 'maxHarmEValue', [1, 1e12], [0.9, 1e12 + 1]],
    ['shadow', 'minTraceCoverage', [0, 1], [-0.1, 1.1]],
  ];
  for (const [rule, field, allowed, refused] of cases) {
    test(`${rule}.${field}`, () => {
      const base: JsonObject = { bom, ...policyDocument() };
      const write = (value: Json): unknown =>
        readGatePolicy({ ...base, [rule]: { ...(base[rule] as JsonObject), [field]: value } });

      for (const value of allowed) assert.ok(write(value));
      for (const value of refused) {
        assert.throws(() => write(value), registryError('REGISTRY_POLICY_INVALID'));
      }
    });
  }
});

test('what a shadow, secrets and an approval ask for when nothing is written', () => {
  const { rules } = readGatePolicy(policyDocument());

  assert.partialDeepStrictEqual(rules, {
    scan: { maxAgeHours: 720 },
    dependencies: { maxAgeHours: 24, maxCvss: 6.9, maxDatabaseAgeHours: 168 },
    regression: { maxAgeHours: 168, maxFamilyRate: 0.05 },
    shadow: {
      maxAgeHours: 168,
      maxHarmEValue: 1000,
      maxJudgeFailureRate: 0.01,
      maxCandidateErrorRate: 0.01,
      minTraceCoverage: 0.99,
    },
    secrets: { maxAgeHours: 24, maxSecretAgeHours: 2160 },
    approval: { maxAgeHours: 72 },
  });
});
