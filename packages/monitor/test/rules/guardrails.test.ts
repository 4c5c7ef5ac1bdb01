import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ServedRequest } from '../../src/observation.ts';
import { guardrailError, guardrailSpike } from '../../src/rules/guardrails.ts';
import { MINUTE, NOW, requests, served, viewOf } from '../facts.ts';

function judged(
  outcome: 'pass' | 'fail' | 'error',
  count: number,
  startedAtMs: number,
  action = outcome === 'pass' ? 'allow' : 'block',
): ServedRequest[] {
  const guardrails = [{ id: 'injection', stage: 'input', outcome, action }];
  return Array.from({ length: count }, (_, i) => served({ guardrails, startedAtMs }, i));
}

const recent = NOW - MINUTE;
const before = NOW - 60 * MINUTE;

test('many more objections than before are a spike', () => {
  const view = viewOf(
    requests([
      ...judged('pass', 990, before),
      ...judged('fail', 10, before),
      ...judged('pass', 80, recent),
      ...judged('fail', 20, recent),
    ]),
  );

  const [finding] = guardrailSpike.evaluate(view);

  assert.equal(finding?.labels['guardrail'], 'injection');
  assert.match(finding.summary, /20 of the last 100/);
});

test('a share that was always high, or a single objection, is none', () => {
  const usual = viewOf(
    requests([
      ...judged('pass', 800, before),
      ...judged('fail', 200, before),
      ...judged('pass', 80, recent),
      ...judged('fail', 20, recent),
    ]),
  );
  const single = viewOf(requests([...judged('pass', 30, recent), ...judged('fail', 1, recent)]));

  assert.deepEqual(guardrailSpike.evaluate(usual), []);
  assert.deepEqual(guardrailSpike.evaluate(single), []);
});

test('a guardrail that could not judge is reported, with how many texts passed unexamined', () => {
  const view = viewOf(
    requests([...judged('error', 2, recent, 'allow'), ...judged('error', 3, recent, 'block')]),
  );

  const [finding] = guardrailError.evaluate(view);

  assert.match(finding?.summary ?? '', /5 requests .* 2 of them passed unexamined/);
});
