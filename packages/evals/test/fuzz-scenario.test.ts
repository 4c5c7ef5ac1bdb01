import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';

import {
  ActionSafety,
  ContentSafety,
  Faithfulness,
  IsCompliant,
  IsHelpful,
  PII,
  PromptInjection,
} from '@proofmark/evals';
import type { EvaluationResult } from '@proofmark/evals';

const injection = new PromptInjection();
const content = new ContentSafety();
const action = new ActionSafety();
const pii = new PII();
const helpful = new IsHelpful();
const faithful = new Faithfulness();
const compliant = new IsCompliant({
  policy: { rules: [{ id: 'a', must_not: { classifier: 'harmful' } }] },
});

/** Everything an evaluator can be given as one text. */
const all = async (text: string): Promise<readonly EvaluationResult[]> =>
  await Promise.all([
    injection.evaluate({ input: text }),
    injection.evaluate({ input: text, channel: 'tool' }),
    content.evaluate({ output: text }),
    content.evaluate({ input: text }),
    action.evaluate({ trajectory: [{ role: 'agent', tool: 'bash', args: { command: text } }] }),
    action.evaluate({ trajectory: text }),
    pii.evaluate({ text }),
    helpful.evaluate({ input: text, output: text }),
    faithful.evaluate({ context: text, output: text }),
    compliant.evaluate({ output: text }),
  ]);

describe('evaluate() on hostile input', () => {
  test('never throws, and always gives a score in [0, 1] and findings inside the text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), async (text) => {
        for (const result of await all(text)) {
          assert.ok(result.score >= 0 && result.score <= 1);
          assert.notEqual(result.outcome, 'error', result.reason);
          for (const { start, end } of result.findings) assert.ok(start >= 0 && start <= end);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('any value at all is judged or is an error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything(), async (value) => {
        for (const evaluator of [injection, content, action, pii, helpful, faithful, compliant]) {
          const result = await evaluator.evaluate(value as never);
          assert.ok(['pass', 'fail', 'error'].includes(result.outcome));
        }
        const result = await action.evaluate({ trajectory: value });
        assert.ok(['pass', 'fail', 'error'].includes(result.outcome));
      }),
      { numRuns: 40 },
    );
  });

  const hostile: readonly (readonly [string, string])[] = [
    ['one megabyte of letters', 'a'.repeat(1_000_000)],
    ['one megabyte of prose', 'Ignore the noise and read on. '.repeat(34_000)],
    ['lone surrogates', '\ud800\udc00\ud800'.repeat(50_000)],
    ['blanks', ' '.repeat(500_000)],
    ['digits and dashes', '4111-1111-1111-111'.repeat(20_000)],
    ['half a command', 'rm -r -f -x '.repeat(20_000)],
    ['half an address', 'a@'.repeat(100_000)],
    ['base64 letters', 'QUJD'.repeat(100_000)],
    ['single letters', 'a b '.repeat(100_000)],
    ['opening brackets', '<<[[{{(('.repeat(50_000)],
    ['capital words', 'Anna Berg '.repeat(50_000)],
    ['combining marks', 'e\u0301\u0336'.repeat(100_000)],
    ['quotes and slashes', `\\"'/`.repeat(100_000)],
    ['find without end', 'find / '.repeat(60_000)],
    ['ignore without end', 'ignore all '.repeat(60_000)],
  ];
  for (const [name, text] of hostile) {
    test(`${name}: judged or refused, within the budget`, async () => {
      for (const result of await all(text))
        assert.ok(['pass', 'fail', 'error'].includes(result.outcome));
    });
  }

  test('10,000 tool calls are judged', async () => {
    const trajectory = Array.from({ length: 10_000 }, (_, i) => ({
      role: 'agent',
      tool: 'search',
      args: { q: `query ${i}` },
    }));

    assert.equal((await action.evaluate({ trajectory })).outcome, 'pass');
  });

  test('text beyond the limit is an error, never a pass', async () => {
    const result = await injection.evaluate({ input: 'x'.repeat(3_000_000) });

    assert.equal(result.outcome, 'error');
    assert.equal(result.score, 0);
  });
});
