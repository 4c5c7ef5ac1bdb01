import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { JsonObject } from '@proofmark/core';
import type { RuleResult } from '@proofmark/registry';
import { decide } from '@proofmark/registry';

import { decideInput } from '../vectors.ts';

function judged(patch: JsonObject = {}): RuleResult {
  const { policy, evidence, subject, nowMs } = decideInput(patch);
  const result = decide(policy, evidence, subject, nowMs).rules.find((r) => r.rule === 'signature');
  assert.ok(result);
  return result;
}

test('a pass names the key that signed', () => {
  const { found, needed } = judged();

  assert.match(found, /^signed by key [0-9a-f]{12}$/);
  assert.match(needed, /one of 1 trusted keys/);
});

test('a bundle that does not verify says why', () => {
  const { found } = judged({ evidence: { signature: { keyIds: [], why: 'no trusted key' } } });

  assert.equal(found, 'no trusted key');
});

test('one good bundle does not make up for a bad one', () => {
  const { code } = judged({
    evidence: {
      second: {
        kind: 'signature',
        digest: 'x',
        manifestDigest: 'y',
        omsRoot: 'z',
        keyIds: [],
        why: 'bad',
      },
    },
  });

  assert.equal(code, 'GATE_SIGNATURE_INVALID');
});
