import assert from 'node:assert/strict';
import { test } from 'node:test';

import { compareSeverity, worstSeverity } from '@proofmark/evals';

test('severities are ordered from none to critical', () => {
  const order = ['none', 'low', 'medium', 'high', 'critical'] as const;

  assert.deepEqual(order.toSorted(compareSeverity), order);
  assert.equal(worstSeverity([]), 'none');
  assert.equal(
    worstSeverity([{ severity: 'low' }, { severity: 'critical' }, { severity: 'high' }]),
    'critical',
  );
});
