import assert from 'node:assert/strict';
import { test } from 'node:test';

import { watchRecordHealth } from '../../src/serving/record-health.ts';

test('what failed and what was lost since the last look is told once', () => {
  const told: unknown[] = [];
  const end = watchRecordHealth({
    components: { receipts: () => ({ failures: 3, lost: 1, lastFailure: 'TLOG_BUSY' }) },
    clock: () => 7,
    tell: (health) => told.push(health),
  });

  end();
  end();

  assert.deepEqual(told, [
    { component: 'receipts', atMs: 7, failures: 3, lost: 1, lastFailure: 'TLOG_BUSY' },
    { component: 'receipts', atMs: 7, failures: 0, lost: 0, lastFailure: 'TLOG_BUSY' },
  ]);
});
