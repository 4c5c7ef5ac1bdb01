import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { EgressAttempt } from '../../src/egress/attempt.ts';
import { DirectWatch } from '../../src/egress/direct-watch.ts';
import { EgressLedger } from '../../src/egress/ledger.ts';

const subject = { tenant: 't', model: 'm', version: '1', manifestDigest: 'd' };

/** A kernel whose count the test sets. */
function watched() {
  const ledger = new EgressLedger();
  const attempts: EgressAttempt[] = [];
  let count = 3;
  const watch = new DirectWatch(subject, ledger, {
    clock: () => 9,
    intervalMs: 1_000_000,
    count: () => count,
  });
  ledger.listen((attempt) => attempts.push(attempt));
  watch.start();
  return {
    watch,
    unnamed: () => attempts.filter(({ destination }) => destination === null).map((a) => a.count),
    counted: (more: number) => (count += more),
    name: (n: number) =>
      ledger.record({
        ...subject,
        outcome: 'denied',
        rule: 'direct',
        destination: 'h:1',
        count: n,
        atMs: 9,
      }),
  };
}

test('what was counted before the server started is not its', async () => {
  const { watch, unnamed } = watched();
  await watch.finish();
  watch.stop();
  assert.deepEqual(unnamed(), []);
});

test('an attempt that was named is not recorded again, whichever came first', async () => {
  const { watch, unnamed, counted, name } = watched();
  counted(1);
  name(1);
  watch.check();
  watch.check();
  counted(1);
  watch.check();
  name(1);
  watch.check();
  await watch.finish();
  watch.stop();
  assert.deepEqual(unnamed(), []);
});

test('attempts that nobody named are recorded with their number', async () => {
  const { watch, unnamed, counted, name } = watched();
  counted(5);
  name(2);
  watch.check();
  watch.check();
  watch.stop();
  assert.deepEqual(unnamed(), [3]);
});

test('a name without an attempt does not cover a later attempt', async () => {
  const { watch, unnamed, counted, name } = watched();
  name(1000);
  watch.check();
  watch.check();
  watch.check();
  counted(1);
  await watch.finish();
  watch.stop();
  assert.deepEqual(unnamed(), [1]);
});
