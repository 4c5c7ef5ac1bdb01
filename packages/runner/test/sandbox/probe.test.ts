import assert from 'node:assert/strict';
import { test } from 'node:test';

import { explainFailure } from '../../src/sandbox/probe.ts';
import { sandboxSupport } from '../fixtures/sandbox.ts';

test('finds a bubblewrap that works on this host', async (t) => {
  const support = await sandboxSupport(t);
  if (support === null) return;

  assert.match(support.version, /^bubblewrap \d/);
  assert.match(support.bwrap, /^\/.*bwrap$/);
  assert.ok([...support.stageHost.folders, ...support.stageHost.symlinks].length > 0);
});

const failures: readonly (readonly [output: string, fix: RegExp])[] = [
  ['bwrap: setting up uid map: Permission denied', /AppArmor profile for \/usr\/bin\/bwrap/],
  ['bwrap: No permissions to create new namespace, likely because...', /seccomp profile/],
  ['bwrap: Creating new namespace failed: Operation not permitted', /container/],
  ['bwrap: Creating new namespace failed: No space left on device', /max_user_namespaces/],
  ["bwrap: Can't mount proc on /newroot/proc: Operation not permitted", /systempaths/],
  ['something new', /run `bwrap/],
];

for (const [output, fix] of failures) {
  test(`says the fix for "${output}"`, () => {
    assert.match(explainFailure(output)[1], fix);
  });
}
