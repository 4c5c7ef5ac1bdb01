import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { EgressAttempt } from '../../src/egress/attempt.ts';
import { EgressLedger } from '../../src/egress/ledger.ts';

const attempt = (atMs: number): EgressAttempt => ({
  tenant: 't',
  model: 'm',
  version: '1',
  manifestDigest: 'd',
  outcome: 'denied',
  rule: 'not-allowed',
  destination: 'a.test:443',
  count: 1,
  atMs,
});

test('a listener gets what happened before it and after it, until it stops', () => {
  const ledger = new EgressLedger();
  const seen: number[] = [];
  ledger.record(attempt(1));

  const stop = ledger.listen(({ atMs }) => seen.push(atMs));
  ledger.record(attempt(2));
  stop();
  ledger.record(attempt(3));

  assert.deepEqual(seen, [1, 2]);
});

test('a flood reaches every listener once and keeps memory bounded', () => {
  const ledger = new EgressLedger();
  let live = 0;
  ledger.listen(() => (live += 1));

  for (let i = 0; i < 5_000; i += 1) ledger.record(attempt(i));

  const kept: number[] = [];
  ledger.listen(({ atMs }) => kept.push(atMs));
  assert.equal(live, 5_000);
  assert.ok(kept.length <= 1_000);
  assert.equal(kept.at(-1), 4_999);
  assert.equal(kept.length + ledger.dropped, 5_000);
});
