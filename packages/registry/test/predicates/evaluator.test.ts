import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { Fields } from '../../src/json-fields.ts';
import { describeEvaluator, readEvaluator, sameEvaluator } from '../../src/predicates/evaluator.ts';
import { anyEvaluator } from '../arbitraries.ts';
import { registryError } from '../world.ts';

const kind = { what: 'evidence', code: 'REGISTRY_EVIDENCE_INVALID' } as const;

test('a described evaluator reads back as the same evaluator', () => {
  fc.assert(
    fc.property(anyEvaluator, (evaluator) => {
      const read = readEvaluator(new Fields(describeEvaluator(evaluator), kind));

      assert.deepEqual(read, evaluator);
      assert.ok(sameEvaluator(read, evaluator));
    }),
  );
});

test('evaluators differ when any of id, version and configuration differs', () => {
  const evaluator = { id: 'a', version: '1', configDigest: 'c'.repeat(64) };

  assert.ok(!sameEvaluator(evaluator, { ...evaluator, id: 'b' }));
  assert.ok(!sameEvaluator(evaluator, { ...evaluator, version: '2' }));
  assert.ok(!sameEvaluator(evaluator, { ...evaluator, configDigest: 'd'.repeat(64) }));
});

test('a descriptor without a digest is refused', () => {
  const fields = new Fields({ annotations: { id: 'a', version: '1' } }, kind);

  assert.throws(() => readEvaluator(fields), registryError('REGISTRY_EVIDENCE_INVALID'));
});
