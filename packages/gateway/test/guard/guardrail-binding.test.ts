import assert from 'node:assert/strict';
import { test } from 'node:test';

import { IsHelpful, PII } from '@proofmark/evals';

import { bindGuardrail, bindScorer } from '../../src/guard/guardrail-binding.ts';

test('a binding shows what its guardrail does: stage, action, error policy, evaluator', () => {
  const pii = new PII();

  const binding = bindGuardrail({ id: 'pii', stage: 'output', action: 'redact' }, pii, (text) => ({
    text,
  }));

  assert.equal(binding.guardrail.stage, 'output');
  assert.equal(binding.action, 'redact');
  assert.equal(binding.onError, 'block');
  assert.deepEqual(binding.evaluator, pii.identity);
});

test('a scorer gives its evaluator the input and the answer', async () => {
  const scorer = bindScorer('helpful', new IsHelpful(), ({ input, output }) => ({ input, output }));

  const result = await scorer.score(
    {
      input: 'When do you open on Sunday?',
      asked: 'When do you open on Sunday?',
      output: 'On Sunday we open at nine and close at five.',
      context: '',
    },
    {},
  );

  assert.notEqual(result.outcome, 'error', result.reason);
  assert.equal(scorer.evaluator.id, 'is-helpful');
});
