import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PII } from '@proofmark/evals';
import type { EvaluationResult, Evaluator } from '@proofmark/evals';

import { examine } from '../../src/guard/examine.ts';
import { bindGuardrail } from '../../src/guard/guardrail-binding.ts';
import type { GuardrailBinding } from '../../src/guard/guardrail-binding.ts';
import { cutRanges, mergeRanges } from '../../src/guard/redaction.ts';
import { VerdictLog } from '../../src/guard/verdict-log.ts';

function run(text: string, bindings: readonly GuardrailBinding[], log = new VerdictLog()) {
  return examine(text, {
    bindings,
    stage: 'input',
    where: 'messages[0].content',
    task: '',
    asked: '',
    timeoutMs: 20,
    signal: new AbortController().signal,
    log,
  });
}

const identity = { id: 'broken', version: '1', configDigest: 'a'.repeat(64) };

function bind(
  evaluate: () => Promise<EvaluationResult>,
  onError: 'block' | 'allow' = 'block',
): GuardrailBinding {
  const evaluator: Evaluator<string> = { identity, evaluate };
  return bindGuardrail({ id: 'g', stage: 'input', action: 'block', onError }, evaluator, (t) => t);
}

test('personal data is redacted where a real evaluator found it', async () => {
  const pii = bindGuardrail({ id: 'pii', stage: 'input', action: 'redact' }, new PII(), (text) => ({
    text,
  }));
  const text = 'Write to jane.miller@example.com please.';

  const cuts = await run(text, [pii]);

  assert.equal(cutRanges(text, 0, mergeRanges(cuts)), 'Write to [REDACTED] please.');
});

for (const [what, evaluate] of [
  ['throws', () => Promise.reject(new Error('SECRET'))],
  ['never answers', () => new Promise<EvaluationResult>(() => undefined)],
] as const) {
  test(`a guardrail that ${what} blocks, and passes visibly only where its binding says so`, async () => {
    const log = new VerdictLog();

    await assert.rejects(run('text', [bind(evaluate)]), (error: Error) => {
      assert.equal((error as Error & { code: string }).code, 'GATEWAY_GUARDRAIL_ERROR');
      assert.doesNotMatch(error.message, /SECRET/);
      return true;
    });
    assert.deepEqual(await run('text', [bind(evaluate, 'allow')], log), []);

    const [summary] = log.summaries();
    assert.equal(summary?.outcome, 'error');
    assert.equal(summary.action, 'allow');
  });
}

test('a redaction without a place blocks', async () => {
  const finding = {
    category: 'x',
    severity: 'high' as const,
    message: '',
    field: 'text',
    start: 0,
    end: 0,
  };
  const binding = bindGuardrail(
    { id: 'g', stage: 'input', action: 'redact' },
    {
      identity,
      evaluate: () =>
        Promise.resolve({
          outcome: 'fail',
          score: 0,
          severity: 'high',
          findings: [finding],
          evaluator: identity,
          latencyMs: 0,
          reason: 'found',
        }),
    } satisfies Evaluator<string>,
    (text) => text,
  );

  await assert.rejects(run('text', [binding]), { code: 'GATEWAY_GUARDRAIL_BLOCKED' });
});

test('guardrails of other stages and empty texts are not asked', async () => {
  const never = bind(() => Promise.reject(new Error('asked')));

  assert.deepEqual(await run('', [never]), []);
  const output = { ...never, guardrail: { ...never.guardrail, stage: 'output' as const } };
  assert.deepEqual(await run('text', [output]), []);
});
