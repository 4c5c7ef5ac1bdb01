import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { createGuardrail, strictestAction } from '@proofmark/evals';
import type {
  EvaluationResult,
  Evaluator,
  GuardrailConfig,
  GuardrailVerdict,
  Outcome,
} from '@proofmark/evals';

const identity = { id: 'fixed', version: '1', configDigest: 'a'.repeat(64) };

function fixed(outcome: Outcome): Evaluator<{ readonly text: string }> {
  return {
    identity,
    evaluate: async (): Promise<EvaluationResult> => ({
      outcome,
      score: outcome === 'pass' ? 1 : 0,
      severity: 'none',
      findings: [],
      evaluator: identity,
      latencyMs: 0,
      reason: outcome,
    }),
  };
}

async function verdictOf(
  outcome: Outcome,
  config: Partial<GuardrailConfig>,
): Promise<GuardrailVerdict> {
  const guardrail = createGuardrail(
    { id: 'g', stage: 'input', action: 'flag', ...config },
    fixed(outcome),
    (text) => ({ text }),
  );
  return await guardrail.check('hello');
}

describe('createGuardrail()', () => {
  test('a pass allows and a fail takes the configured action', async () => {
    assert.equal((await verdictOf('pass', { action: 'block' })).action, 'allow');
    assert.equal((await verdictOf('fail', { action: 'redact' })).action, 'redact');
  });

  test('an error blocks by default, whatever the action is', async () => {
    assert.equal((await verdictOf('error', { action: 'flag' })).action, 'block');
  });

  test('an error that is allowed by configuration still shows as an error', async () => {
    const verdict = await verdictOf('error', { onError: 'allow' });

    assert.equal(verdict.action, 'allow');
    assert.equal(verdict.outcome, 'error');
  });

  test('a guardrail without an id is refused', () => {
    const config: GuardrailConfig = { id: '', stage: 'input', action: 'block' };
    assert.throws(() => createGuardrail(config, fixed('pass'), (text) => ({ text })), {
      code: 'EVALS_CONFIG_INVALID',
    });
  });
});

describe('strictestAction()', () => {
  test('of several verdicts the strictest action wins, and none allows', async () => {
    const verdicts = [
      await verdictOf('fail', { action: 'flag' }),
      await verdictOf('fail', { action: 'redact' }),
      await verdictOf('pass', {}),
    ];

    assert.equal(strictestAction(verdicts), 'redact');
    assert.equal(strictestAction([]), 'allow');
  });
});
