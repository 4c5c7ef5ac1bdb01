import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { GuardrailVerdict } from '@proofmark/evals';

import { VerdictLog } from '../../src/guard/verdict-log.ts';

const verdict = (fields: Partial<GuardrailVerdict>): GuardrailVerdict => ({
  guardrailId: 'g',
  stage: 'output',
  outcome: 'pass',
  action: 'allow',
  severity: 'none',
  score: 1,
  findings: [],
  evaluator: { id: 'e', version: '1', configDigest: 'a' },
  latencyMs: 2,
  reason: '',
  ...fields,
});

test('all checks of a guardrail fold into one: the worst outcome, the strictest action, the lowest score', () => {
  const log = new VerdictLog();

  log.add(verdict({}));
  log.add(verdict({ outcome: 'error', action: 'allow', score: 0 }));
  log.add(verdict({ outcome: 'fail', action: 'redact', score: 0.4 }));
  log.add(verdict({ guardrailId: 'h' }));

  const [g, h] = log.summaries();
  assert.deepEqual(
    [g?.checks, g?.outcome, g?.action, g?.score, g?.latencyMs],
    [3, 'error', 'redact', 0, 6],
  );
  assert.equal(h?.checks, 1);
});

test('transformations are listed once per place, and bounded', () => {
  const log = new VerdictLog();

  log.redacted('g', 'a');
  log.redacted('g', 'a');
  for (let i = 0; i < 1000; i += 1) log.redacted('g', `messages[${i}]`);

  assert.equal(log.transformations().length, 256);
  assert.deepEqual(log.transformations()[0], { guardrail: 'g', kind: 'redact', where: 'a' });
});
