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
  for (const [count, end] of [
    [6, ' and 1 more'],
    [5, '@1'],
  ] as const) {
    const vulnerabilities = worst.slice(0, count);
    const named = judged({ evidence: { dependencies: { predicate: { vulnerabilities } } } });
    assert.ok(named.found.endsWith(end), named.found);
  }
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

test('a vulnerability may be accepted under any of its ids', () => {
  const { code } = judged({
    policy: {
      dependencies: {
        accepted: [{ id: 'GHSA-1', until: '2027-01-01T00:00:00Z', reason: 'not reachable' }],
      },
    },
    evidence: {
      dependencies: {
        predicate: {
          vulnerabilities: [{ id: 'CVE-1', aliases: ['GHSA-1'], cvss: 9, component: 'c' }],
        },
      },
    },
  });

  assert.equal(code, 'GATE_OK');
});

test('malware denies whatever its score, and cannot be accepted', () => {
  const malware: readonly JsonObject[] = [
    { id: 'MAL-2024-1', cvss: 0, component: 'c' },
    { id: 'CVE-1', aliases: ['MAL-2024-1'], cvss: 0, component: 'c' },
  ];
  for (const found of malware) {
    const { code } = judged({
      policy: {
        dependencies: {
          maxCvss: 10,
          accepted: [{ id: 'MAL-2024-1', until: '2027-01-01T00:00:00Z', reason: 'no' }],
        },
      },
      evidence: { dependencies: { predicate: { vulnerabilities: [found] } } },
    });
    assert.equal(code, 'GATE_DEPENDENCY_VULNERABLE');
  }
});

test('what signed VEX silenced does not count, and is counted out loud', () => {
  const silenced = {
    id: 'CVE-1',
    cvss: 9,
    component: 'c',
    status: 'not_affected',
    justification: 'component_not_present',
    author: 'key',
  };
  const { code, found } = judged({
    evidence: { dependencies: { predicate: { vulnerabilities: [], silenced: [silenced] } } },
  });

  assert.equal(code, 'GATE_OK');
  assert.equal(
    found,
    '12 components, 0 known vulnerabilities, none above the limit; 1 silenced by signed VEX',
  );
});

test('a database dated after the check is refused: it would never grow old', () => {
  const known = decideInput().evidence.find((e) => e.kind === 'dependencies');
  assert.ok(known?.kind === 'dependencies');
  const { finishedAtMs } = known.predicate;
  const dated = (lastUpdateMs: number): RuleResult =>
    judged({ evidence: { dependencies: { predicate: { database: { lastUpdateMs } } } } });

  assert.equal(dated(finishedAtMs).code, 'GATE_OK');
  const { code, found, outcome } = dated(finishedAtMs + 90 * 60_000);
  assert.deepEqual([outcome, code], ['fail', 'GATE_EVIDENCE_FUTURE']);
  assert.equal(found, 'the database is dated 1 h 30 min after the check');
  assert.equal(dated(finishedAtMs + 1).code, 'GATE_EVIDENCE_FUTURE');
});
