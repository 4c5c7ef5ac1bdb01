import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { readRubric } from '@proofmark/evals';

describe('readRubric()', () => {
  test('reads rules of every kind', () => {
    const rules = readRubric({
      rules: [
        { id: 'a', must: { pattern: 'thank' }, severity: 'low' },
        { id: 'b', must_not: { phrases: ['Guarantee'] }, when: 'refund' },
        { id: 'c', must_not: { classifier: 'refusal' } },
        { id: 'd', must: { max_words: 100 } },
      ],
    });

    assert.deepEqual(
      rules.map(({ check }) => check.by),
      ['pattern', 'phrases', 'classifier', 'max_words'],
    );
  });

  const broken: readonly (readonly [string, unknown])[] = [
    ['no rules', { rules: [] }],
    ['a rule without id', { rules: [{ must: { pattern: 'x' } }] }],
    [
      'a repeated id',
      {
        rules: [
          { id: 'a', must: { pattern: 'x' } },
          { id: 'a', must: { pattern: 'y' } },
        ],
      },
    ],
    [
      'both must and must_not',
      { rules: [{ id: 'a', must: { pattern: 'x' }, must_not: { pattern: 'y' } }] },
    ],
    ['neither', { rules: [{ id: 'a' }] }],
    ['an unknown check', { rules: [{ id: 'a', must: { vibe: 'good' } }] }],
    [
      'a pattern that may take exponential time',
      { rules: [{ id: 'a', must: { pattern: '(a+)+$' } }] },
    ],
    ['a pattern that is none', { rules: [{ id: 'a', must: { pattern: '(' } }] }],
    ['an unknown severity', { rules: [{ id: 'a', must: { pattern: 'x' }, severity: 'bad' }] }],
  ];
  for (const [name, policy] of broken) {
    test(`refuses ${name}`, () => {
      assert.throws(() => readRubric(policy), { code: 'EVALS_CONFIG_INVALID' });
    });
  }
});
