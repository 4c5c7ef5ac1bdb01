import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { IsCompliant } from '@proofmark/evals';

const policy = {
  rules: [
    {
      id: 'no-promises',
      must_not: { phrases: ['we guarantee'] },
      severity: 'high',
      description: 'promises nothing',
    },
    { id: 'names-the-period', must: { pattern: '30 days' }, when: 'return', severity: 'medium' },
    { id: 'no-personal-data', must_not: { classifier: 'personal_data' }, severity: 'high' },
    { id: 'not-harmful', must_not: { classifier: 'harmful' }, severity: 'critical' },
    { id: 'short', must: { max_words: 20 }, severity: 'low' },
  ],
};
const evaluator = new IsCompliant({ policy });
const broken = async (output: string, input?: string): Promise<readonly string[]> => {
  const result = await evaluator.evaluate({ output, ...(input === undefined ? {} : { input }) });
  return result.findings.map(({ category }) => category);
};

describe('IsCompliant', () => {
  test('names every broken rule by its id', async () => {
    assert.deepEqual(await broken('Hello.'), []);
    assert.deepEqual(await broken('We guarantee it. Write to ann@example.com.'), [
      'no-promises',
      'no-personal-data',
    ]);
    assert.deepEqual(await broken('word '.repeat(30)), ['short']);
  });

  test('a rule with a condition holds only when the request meets it', async () => {
    assert.deepEqual(await broken('Sure.', 'How do I return it?'), ['names-the-period']);
    assert.deepEqual(await broken('Sure.', 'Where is it?'), []);
  });

  test('the identity is bound to the policy', () => {
    const other = new IsCompliant({ policy: { rules: policy.rules.slice(1) } });

    assert.notEqual(other.identity.configDigest, evaluator.identity.configDigest);
  });

  test('no policy is refused rather than passed', () => {
    assert.throws(() => new IsCompliant({ policy: {} }), { code: 'EVALS_CONFIG_INVALID' });
  });
});
