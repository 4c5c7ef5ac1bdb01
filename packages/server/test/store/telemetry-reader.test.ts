import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readLedger, readSummary } from '../../src/store/telemetry-reader.ts';

const ledger = {
  response_id: '1',
  route: 'chat',
  model_name: 'm',
  model_version: '1',
  tenant_hash: 't',
  trace_id: 'a',
  outcome: 'answered',
  at_ms: 5,
};

test('a ledger row reads as it was written; an outcome nobody writes is refused', () => {
  assert.equal(readLedger(ledger).outcome, 'answered');
  assert.throws(() => readLedger({ ...ledger, outcome: 'served' }));
  assert.throws(() => readLedger({ ...ledger, at_ms: 'now' }));
});

test('scores that all ended in errors have no mean', () => {
  const summary = readSummary({
    route: 'chat',
    lane: 'live',
    model_name: 'm',
    model_version: '1',
    evaluator_id: 'pii',
    evaluator_version: '1',
    config_digest: 'c',
    n: 2,
    passed: 0,
    failed: 0,
    errors: 2,
    severe: 0,
    mean_score: null,
  });

  assert.equal(summary.meanScore, null);
  assert.equal(summary.errors, 2);
});
