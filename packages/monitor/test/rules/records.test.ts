import assert from 'node:assert/strict';
import { test } from 'node:test';

import { recordFailure } from '../../src/rules/records.ts';
import { MINUTE, NOW, requests, served, viewOf } from '../facts.ts';

const look = { component: 'receipts', atMs: NOW, failures: 0, lost: 0, lastFailure: null };

test('a component that fails now is bad, one that works again is not', () => {
  const failing = { ...look, failures: 3, lastFailure: 'TLOG_APPEND_FAILED' };
  const earlier = { ...failing, atMs: NOW - MINUTE };

  const bad = recordFailure.evaluate(viewOf([{ kind: 'health', health: failing }]));
  const good = recordFailure.evaluate(
    viewOf([
      { kind: 'health', health: earlier },
      { kind: 'health', health: look },
    ]),
  );

  assert.match(bad[0]?.summary ?? '', /TLOG_APPEND_FAILED/);
  assert.deepEqual(good, []);
});

test('a lost record stays bad although the component works again', () => {
  const view = viewOf([
    { kind: 'health', health: { ...look, lost: 1, atMs: NOW - MINUTE } },
    { kind: 'health', health: look },
  ]);

  assert.equal(recordFailure.evaluate(view)[0]?.state, 'bad');
});

test('an answer without a receipt is bad; a refusal without one is not', () => {
  const bare = served({ receipted: false });
  const refused = served({ receipted: false, outcome: 'failed', route: null });

  assert.equal(recordFailure.evaluate(viewOf(requests([bare]))).length, 1);
  assert.deepEqual(recordFailure.evaluate(viewOf(requests([refused, served()]))), []);
});
