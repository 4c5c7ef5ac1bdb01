import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { JsonObject } from '@proofmark/core';
import type { RuleResult } from '@proofmark/registry';
import { decide } from '@proofmark/registry';

import { decideInput } from '../vectors.ts';

function judged(patch: JsonObject = {}): RuleResult {
  const { policy, evidence, subject, nowMs } = decideInput(patch);
  const result = decide(policy, evidence, subject, nowMs).rules.find(
    (r) => r.rule === 'dependencies',
  );
  assert.ok(result);
  return result;
}

const worst = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name, i) => ({
  id: `CVE-${name}`,
  cvss: 7 + i / 10,
  component: `pkg:npm/${name}@1`,
}));

test('a failure names the worst first, and counts the rest', () => {
  const { found } = judged({
    evidence: { dependencies: { predicate: { vulnerabilities: worst } } },
  });

  assert.match(found, /^CVE-g \(7\.6\) in pkg:npm\/g@1, CVE-f .* and 2 more$/);
});

test('accepting one vulnerability accepts no other', () => {
  const { found, code } = judged({
    policy: {
      dependencies: {
        accepted: [{ id: 'CVE-g', until: '2027-01-01T00:00:00Z', reason: 'not reachable' }],
      },
    },
    evidence: { dependencies: { predicate: { vulnerabilities: worst.slice(5) } } },
  });

  assert.equal(code, 'GATE_DEPENDENCY_VULNERABLE');
  assert.equal(found, 'CVE-f (7.5) in pkg:npm/f@1');
});

test('a pass counts components and what stays below the limit', () => {
  assert.equal(judged().found, '12 components, 1 known vulnerabilities, none above the limit');
});
