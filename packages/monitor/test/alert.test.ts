import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AlertBook, fingerprintOf } from '../src/alert.ts';
import type { Rule, RuleFinding } from '../src/rule.ts';

const rule: Rule = {
  id: 'r',
  severity: 'error',
  forMs: 100,
  runbook: 'look',
  evaluate: () => [],
};
const atOnce: Rule = { ...rule, forMs: 0 };
const bad: RuleFinding = { labels: { model: 'm' }, state: 'bad', summary: 'first' };
const fingerprint = fingerprintOf('r', bad.labels);
const book = (): AlertBook => new AlertBook(() => 'team');

test('a finding fires when it has been bad long enough, is told once, and resolves', () => {
  const alerts = book();

  assert.deepEqual(alerts.update(rule, [bad], 0), []);
  assert.equal(alerts.list()[0]?.state, 'PENDING');
  assert.deepEqual(alerts.update(rule, [bad], 99), []);
  const [fired] = alerts.update(rule, [bad], 100);
  assert.equal(fired?.state, 'FIRING');
  assert.equal(fired.startsAtMs, 0);
  assert.equal(fired.owner, 'team');
  assert.deepEqual(alerts.update(rule, [{ ...bad, summary: 'second' }], 200), []);
  assert.equal(alerts.list()[0]?.summary, 'second');
  const [resolved] = alerts.update(rule, [], 300);
  assert.equal(resolved?.state, 'RESOLVED');
  assert.deepEqual(alerts.update(rule, [], 400), []);
});

test('a finding that gets good while it is pending never tells anybody', () => {
  const alerts = book();

  alerts.update(rule, [bad], 0);

  assert.deepEqual(alerts.update(rule, [], 50), []);
  assert.deepEqual(alerts.list(), []);
  assert.deepEqual(alerts.update(rule, [bad], 100), []);
});

test('an acknowledged alert stays acknowledged while it is bad, and still resolves', () => {
  const alerts = book();
  alerts.update(atOnce, [bad], 0);

  const acked = alerts.acknowledge(fingerprint, 'ana', 10);

  assert.equal(acked.ackedBy, 'ana');
  assert.deepEqual(alerts.update(atOnce, [bad], 20), []);
  assert.equal(alerts.list()[0]?.state, 'ACKED');
  assert.equal(alerts.update(atOnce, [], 30)[0]?.state, 'RESOLVED');
});

test('after it resolved, the same trouble fires anew from a new start', () => {
  const alerts = book();
  alerts.update(atOnce, [bad], 0);
  alerts.update(atOnce, [], 10);

  const [again] = alerts.update(atOnce, [bad], 20);

  assert.equal(again?.state, 'FIRING');
  assert.equal(again.startsAtMs, 20);
  assert.equal(again.ackedBy, null);
});

test('no data and a rule that fails are told like a firing alert, and resolve', () => {
  const alerts = book();

  assert.equal(alerts.update(rule, [{ ...bad, state: 'no_data' }], 0)[0]?.state, 'NO_DATA');
  assert.equal(alerts.failed(rule, new TypeError('secret'), 1)[0]?.state, 'ERROR');
  assert.deepEqual(alerts.failed(rule, new TypeError('secret'), 2), []);
  assert.ok(!JSON.stringify(alerts.list()).includes('secret'));
  assert.deepEqual(
    alerts.update(rule, [], 3).map(({ state }) => state),
    ['RESOLVED', 'RESOLVED'],
  );
});

test('only open alerts can be acknowledged, by somebody', () => {
  const alerts = book();
  alerts.update(rule, [bad], 0);

  const refused = { code: 'MONITOR_ALERT_NOT_FIRING' };
  assert.throws(() => alerts.acknowledge(fingerprint, 'ana', 1), refused);
  assert.throws(() => alerts.acknowledge('unknown', 'ana', 1), refused);
  alerts.update(rule, [bad], 100);
  assert.throws(() => alerts.acknowledge(fingerprint, '', 101), refused);
});

test('fingerprints depend on rule and labels, not on the order of the labels', () => {
  assert.equal(fingerprintOf('r', { a: '1', b: '2' }), fingerprintOf('r', { b: '2', a: '1' }));
  assert.notEqual(fingerprintOf('r', { a: '1' }), fingerprintOf('s', { a: '1' }));
  assert.notEqual(fingerprintOf('r', { a: '1' }), fingerprintOf('r', { a: '2' }));
});

test('the book is bounded: when it is full, resolved alerts go first', () => {
  const alerts = book();
  const many = Array.from({ length: 10_000 }, (_, i) => ({ ...bad, labels: { i: String(i) } }));
  alerts.update(atOnce, many, 0);
  alerts.update(atOnce, [], 1);

  alerts.update(atOnce, [bad], 2);

  assert.equal(alerts.list().length, 10_000);
  assert.ok(alerts.list().some(({ state }) => state === 'FIRING'));
});
