import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { RunnerError } from '../../src/errors.ts';
import { judgeSelfTest, MAX_REPORT_BYTES, REFUSED_CALLS } from '../../src/sandbox/self-test.ts';
import { CHECK_NAMES } from '../../src/sandbox-init/plan.ts';

const passed: readonly { name: string; outcome: string; detail: string }[] = CHECK_NAMES.map(
  (name) => ({ name, outcome: 'pass', detail: '' }),
);
const report = (checks: readonly object[]): string => JSON.stringify({ version: 1, checks });

test('accepts a report in which every expected check passed', () => {
  assert.equal(judgeSelfTest(report(passed)).checks.length, CHECK_NAMES.length);
});

for (const outcome of ['fail', 'error', 'skipped', '']) {
  test(`refuses when any one check says "${outcome}"`, () => {
    for (let i = 0; i < passed.length; i += 1) {
      const checks = passed.with(i, { name: CHECK_NAMES[i] ?? '', outcome, detail: 'x' });

      assert.throws(() => judgeSelfTest(report(checks)), { code: 'RUNNER_SELF_TEST_FAILED' });
    }
  });
}

const hostile: readonly (readonly [name: string, line: string])[] = [
  ['an empty report', ''],
  ['a report without checks', '{"version":1}'],
  ['a report with no check', report([])],
  ['a missing check', report(passed.slice(1))],
  ['a check too many', report([...passed, { name: 'extra', outcome: 'pass', detail: '' }])],
  ['a repeated check', report([...passed.slice(1), ...passed.slice(-1)])],
  ['another version', JSON.stringify({ version: 2, checks: passed })],
  ['a repeated key', `{"version":1,"checks":[],"checks":${JSON.stringify(passed)}}`],
  ['checks that are no objects', report([1 as unknown as object])],
  ['a report that is too large', report([{ name: 'x'.repeat(MAX_REPORT_BYTES) }])],
];

for (const [name, line] of hostile) {
  test(`refuses ${name}`, () => {
    assert.throws(() => judgeSelfTest(line), { code: 'RUNNER_SELF_TEST_FAILED' });
  });
}

test('names the missed checks for the person who reads the refusal', () => {
  const checks = passed.with(5, { name: 'loopback-only', outcome: 'fail', detail: 'eth0' });

  assert.throws(
    () => judgeSelfTest(report(checks)),
    (cause) =>
      cause instanceof RunnerError &&
      cause.details['checks'] === 'loopback-only' &&
      cause.message.includes('eth0'),
  );
});

test('arbitrary bytes are refused with the one code', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.throws(() => judgeSelfTest(bytes), { code: 'RUNNER_SELF_TEST_FAILED' });
    }),
  );
});

test('every refused call has a name of its own', () => {
  assert.equal(new Set(REFUSED_CALLS.map(({ name }) => name)).size, REFUSED_CALLS.length);
});
