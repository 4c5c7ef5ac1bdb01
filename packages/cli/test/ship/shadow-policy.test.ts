import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { shadowSpecDigest } from '@proofmark/registry';
import type { GatePolicy } from '@proofmark/registry';

import { loadConfig } from '../../src/config/load.ts';
import { createDataFolder } from '../../src/data-folder.ts';
import { CliError } from '../../src/errors.ts';
import { initialise } from '../../src/initialise.ts';
import { roleSigner } from '../../src/keyring.ts';
import { candidatePolicy, shadowRuleOf } from '../../src/ship/shadow-policy.ts';

const folder = createDataFolder(path.join(mkdtempSync(path.join(tmpdir(), 'proofmark-')), 'data'));
initialise(folder, 'demo');
const found = loadConfig(folder.config).policies.get('demo');
assert.ok(found);
const policy: GatePolicy = found;
const tester = roleSigner(folder.keys, 'tester').publicKey.keyId;
const evaluators = [{ id: 'helpful', version: '1', configDigest: 'a'.repeat(64) }];

test('a candidate must meet everything but the shadow evidence and the approvals', () => {
  const { rules, omitted, environment, digest } = candidatePolicy(policy);

  assert.equal(rules.shadow, null);
  assert.equal(rules.approval, null);
  for (const rule of ['signature', 'scan', 'dependencies', 'regression'] as const) {
    assert.deepEqual(rules[rule], policy.rules[rule]);
  }
  assert.equal(environment, policy.environment);
  assert.notEqual(digest, policy.digest);
  assert.match(omitted['approval'] ?? '', /reaches no client/);
});

test('a policy without a shadow rule is shown what the default one would say', () => {
  const rule = shadowRuleOf(policy, evaluators, tester);

  assert.deepEqual(rule.keyIds, [tester]);
  assert.equal(rule.minHours, 48);
  assert.deepEqual(rule.evaluators, [{ evaluator: evaluators[0], margin: 0.02 }]);
  assert.match(shadowSpecDigest(rule), /^[0-9a-f]{64}$/);
});

test('a policy that asks for a shadow decides by its own rule, whatever scores', () => {
  const asked = shadowRuleOf(policy, evaluators, tester);
  const strict = { ...policy, rules: { ...policy.rules, shadow: asked } };

  assert.equal(shadowRuleOf(strict, [], 'nobody'), asked);
});

test('without a key for the tester no shadow could ever be evidence', () => {
  assert.throws(() => shadowRuleOf(policy, evaluators, 'another'), CliError);
});
