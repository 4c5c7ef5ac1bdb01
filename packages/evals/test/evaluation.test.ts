import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { runEvaluation } from '@proofmark/evals';
import type { Judgement } from '@proofmark/evals';

import { MAX_TEXT_LENGTH, readOptionalText, readText } from '../src/evaluation.ts';

const identity = { id: 'x', version: '1', configDigest: '0'.repeat(64) };
const pass: Judgement = { outcome: 'pass', score: 1, findings: [], reason: 'fine' };

describe('runEvaluation()', () => {
  test('turns whatever is thrown into an error result with score 0', async () => {
    for (const thrown of [new Error('boom'), new TypeError('type'), new RangeError('range')]) {
      const result = await runEvaluation({ identity }, identity, undefined, () => {
        throw thrown;
      });

      assert.equal(result.outcome, 'error');
      assert.equal(result.score, 0);
    }
  });

  test('an evaluator whose identity cannot be had is an error with the fallback identity', async () => {
    const broken = {
      get identity(): typeof identity {
        throw new Error('no weights');
      },
    };

    const result = await runEvaluation(broken, identity, undefined, () => pass);

    assert.equal(result.outcome, 'error');
    assert.deepEqual(result.evaluator, identity);
  });

  test('an aborted signal and a used-up budget are errors, never passes', async () => {
    const aborted = await runEvaluation(
      { identity },
      identity,
      { signal: AbortSignal.abort() },
      () => pass,
    );
    const late = await runEvaluation({ identity }, identity, { timeoutMs: -1 }, () => pass);

    assert.equal(aborted.outcome, 'error');
    assert.match(aborted.reason, /EVALS_ABORTED/);
    assert.equal(late.outcome, 'error');
    assert.match(late.reason, /EVALS_TIMEOUT/);
  });

  test('a score outside [0, 1] is an error', async () => {
    for (const score of [Number.NaN, -0.1, 1.1, Number.POSITIVE_INFINITY]) {
      const result = await runEvaluation({ identity }, identity, undefined, () => ({
        ...pass,
        score,
      }));

      assert.equal(result.outcome, 'error');
    }
  });

  test('severity is the worst of the findings', async () => {
    const finding = { category: 'c', message: 'm', field: 'f', start: 0, end: 0 };
    const result = await runEvaluation({ identity }, identity, undefined, () => ({
      ...pass,
      outcome: 'fail' as const,
      findings: [
        { ...finding, severity: 'low' as const },
        { ...finding, severity: 'high' as const },
        { ...finding, severity: 'medium' as const },
      ],
    }));

    assert.equal(result.severity, 'high');
  });
});

describe('reading fields', () => {
  test('a missing, mistyped or oversized text is refused', () => {
    for (const input of [
      undefined,
      null,
      7,
      {},
      { text: 7 },
      { text: 'x'.repeat(MAX_TEXT_LENGTH + 1) },
    ]) {
      assert.throws(() => readText(input, 'text'), { code: 'EVALS_INPUT_INVALID' });
    }
  });

  test('an optional text may be absent but not mistyped', () => {
    assert.equal(readOptionalText({}, 'task'), undefined);
    assert.throws(() => readOptionalText({ task: 7 }, 'task'), { code: 'EVALS_INPUT_INVALID' });
  });
});
