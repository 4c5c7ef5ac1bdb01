import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isRecordOf } from '@proofmark/evals';

const record: Readonly<Record<string, unknown>> = {
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
};

test('only a whole record of the same run counts', () => {
  assert.ok(isRecordOf({ ...record }, 'd'));
  assert.ok(!isRecordOf({ ...record }, 'other'));
  for (const field of Object.keys(record).filter((key) => key !== 'succeededBy')) {
    assert.ok(!isRecordOf({ ...record, [field]: undefined }, 'd'), field);
  }
  assert.ok(!isRecordOf({ ...record, attack: 'maybe' }, 'd'));
});
