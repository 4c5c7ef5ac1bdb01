import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { JsonObject } from '@proofmark/core';
import type { RuleResult } from '@proofmark/registry';
import { decide } from '@proofmark/registry';

import { decideInput } from '../vectors.ts';

function judged(patch: JsonObject = {}): RuleResult {
  const { policy, evidence, subject, nowMs } = decideInput(patch);
  const result = decide(policy, evidence, subject, nowMs).rules.find((r) => r.rule === 'approval');
  assert.ok(result);
  return result;
}

test('a pass names who approved', () => {
  const { found, needed } = judged();

  assert.equal(found, 'approved by alice, bob');
  assert.equal(needed, '2 approvals of this evidence under this policy, none by the author');
});

test('a failure names who does not count and why, and who may still approve', () => {
  const { found, fix } = judged({ evidence: { bob: { predicate: { evidenceDigests: [] } } } });

  assert.equal(found, '1 valid approvals (alice); bob does not count: it approved other evidence');
  assert.equal(fix, 'approve the evidence as it stands now: 1 more of bob, carol');
});

test('each reason why an approval does not count has its words', () => {
  const reasons = [
    [{ policyDigest: 'x' }, 'it approved another policy'],
    [{ expiresAtMs: 0 }, 'the approval expired'],
  ] as const;

  for (const [predicate, why] of reasons) {
    assert.ok(judged({ evidence: { bob: { predicate } } }).found.endsWith(`: ${why}`), why);
  }
  const stale = judged({ evidence: { bob: { observedAtMs: 0 } } });
  assert.match(stale.found, /bob does not count: the newest approval evidence is \d+ h/);
});

test('a rejection is told before anything else', () => {
  const { found, code } = judged({
    evidence: { alice: null, bob: { predicate: { verdict: 'reject' } } },
  });

  assert.equal(code, 'GATE_APPROVAL_REJECTED');
  assert.equal(found, 'rejected by bob');
});
