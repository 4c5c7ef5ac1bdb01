import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readGatePolicy } from '@proofmark/registry';
import type { CompiledRule } from '@proofmark/registry';
import type { JsonObject } from '@proofmark/core';

import { decideInput } from './vectors.ts';
import { decide } from '@proofmark/registry';

/** What an expression was shown. */
function shown(patch: JsonObject = {}): JsonObject {
  const { policy, evidence, subject, nowMs } = decideInput(patch);
  let seen: JsonObject | null = null;
  const spy: CompiledRule = (facts) => {
    seen = facts;
    return true;
  };
  const asked = readGatePolicy(
    { ...policy.document, custom: { rules: [{ name: 'spy', expression: 'spy' }] } },
    () => spy,
  );
  decide(asked, evidence, subject, nowMs);
  assert.ok(seen);
  return seen;
}

test('an expression sees the subject, the time, and the newest evidence of each kind', () => {
  const { subject, nowMs, evidence } = shown();

  assert.equal(typeof nowMs, 'number');
  assert.ok(subject !== null && typeof subject === 'object' && !Array.isArray(subject));
  assert.ok(evidence !== null && typeof evidence === 'object' && !Array.isArray(evidence));
  assert.deepEqual(Object.keys(evidence as JsonObject).toSorted(), [
    'dependencies',
    'regression',
    'scan',
    'secrets',
    'shadow',
  ]);
});

test('what is long is summed up: totals of a suite, sessions of a shadow', () => {
  const text = JSON.stringify(shown());

  assert.match(text, /"totals":\{"attempts":1050/);
  assert.match(text, /"sessions":500/);
  assert.match(text, /"hours":48/);
  assert.doesNotMatch(text, /"differences"/);
});
