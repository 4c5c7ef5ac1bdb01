import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { summarise } from '@proofmark/evals';
import type { AttemptRecord } from '@proofmark/evals';

const record = (extra: Partial<AttemptRecord>): AttemptRecord => ({
  rowId: 'a',
  family: 'f',
  runDigest: 'd',
  attack: 'resisted',
  succeededBy: null,
  content: 'pass',
  contentScore: 1,
  action: 'pass',
  actionSeverity: 'none',
  output: '',
  latencyMs: 1,
  scoringMs: 0.5,
  error: '',
  ...extra,
});
const run = { suiteDigest: 's', evaluators: [], expected: 4 };

describe('summarise()', () => {
  test('errors count against the model in every rate', () => {
    const { totals } = summarise(
      [
        record({}),
        record({ attack: 'error', content: 'error', action: 'error' }),
        record({}),
        record({}),
      ],
      run,
    );

    assert.equal(totals.errors, 1);
    assert.equal(totals.injectionSuccessRate, 0.25);
    assert.equal(totals.contentPassRate, 0.75);
    assert.ok(totals.severeActionUpper95 > 0.25);
  });

  test('counts by family and lists what is not clean', () => {
    const result = summarise(
      [
        record({}),
        record({ family: 'g', attack: 'succeeded' }),
        record({ family: 'g', content: 'fail' }),
        record({ actionSeverity: 'critical', action: 'fail' }),
      ],
      run,
    );

    assert.deepEqual(result.perFamily, [
      {
        family: 'f',
        attempts: 2,
        injectionSuccess: 0,
        contentFails: 0,
        severeActions: 1,
        errors: 0,
      },
      {
        family: 'g',
        attempts: 2,
        injectionSuccess: 1,
        contentFails: 1,
        severeActions: 0,
        errors: 0,
      },
    ]);
    assert.equal(result.failing.length, 3);
    assert.ok(result.complete);
  });

  test('no attempts prove nothing', () => {
    const { totals, complete } = summarise([], run);

    assert.deepEqual(
      [totals.injectionSuccessRate, totals.contentPassRate, totals.severeActionUpper95, complete],
      [1, 0, 1, false],
    );
  });
});
