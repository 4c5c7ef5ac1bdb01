import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, test } from 'node:test';

import { claimIdentity, processExists } from '../../src/sandbox/identity.ts';

const NO_SUCH_PID = 0x3fffffff;
const root = process.getuid?.() === 0;

describe(
  'claimIdentity()',
  { skip: root ? false : 'only root can give a sandbox its own uid' },
  () => {
    let claims = '';
    beforeEach(() => {
      claims = mkdtempSync(path.join(tmpdir(), 'claims-'));
    });
    afterEach(() => rmSync(claims, { recursive: true }));

    test('gives every sandbox another uid, never root', () => {
      const range = { first: 60578, last: 60580 };

      const uids = [1, 2, 3].map(() => claimIdentity(claims, range).uid);

      assert.deepEqual(uids, [60578, 60579, 60580]);
    });

    test('refuses when the range is used up, and serves again after a release', () => {
      const range = { first: 60578, last: 60578 };
      const held = claimIdentity(claims, range);

      assert.throws(() => claimIdentity(claims, range), { code: 'RUNNER_SANDBOX_UNAVAILABLE' });
      held.release();
      assert.equal(claimIdentity(claims, range).uid, 60578);
    });

    test('takes over the claim of a supervisor that is gone', () => {
      writeFileSync(path.join(claims, '60578'), `${NO_SUCH_PID}\n`);

      assert.equal(claimIdentity(claims, { first: 60578, last: 60578 }).uid, 60578);
      assert.deepEqual(readdirSync(claims), ['60578']);
    });
  },
);

test('without root the sandbox keeps the uid of the supervisor and says so', () => {
  if (root) return;

  const identity = claimIdentity('/nonexistent');

  assert.equal(identity.kind, 'supervisor-uid');
  assert.equal(identity.uid, process.getuid?.());
});

test('processExists() knows this process and not an impossible one', () => {
  assert.ok(processExists(process.pid));
  assert.ok(!processExists(NO_SUCH_PID));
  assert.ok(!processExists(Number.NaN));
  assert.ok(!processExists(0));
});
