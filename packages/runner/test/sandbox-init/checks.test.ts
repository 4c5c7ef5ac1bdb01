import assert from 'node:assert/strict';
import { test } from 'node:test';

import { selfTest } from '../../src/sandbox-init/checks.ts';
import { CHECK_NAMES } from '../../src/sandbox-init/plan.ts';
import type { InitPlan } from '../../src/sandbox-init/plan.ts';

const plan: InitPlan = {
  controlFd: 3,
  server: { command: ['/runtime/node'], environment: {}, mode: { kind: 'direct' }, watched: false },
  expected: {
    uid: 65534,
    hostname: 'model',
    mounts: { '/': 'ro' },
    environmentNames: [],
    syscalls: [{ name: 'x', result: -1 }],
  },
  model: { folder: '/model', hash: false },
};

/** What differs between every test host and a sandbox. The network checks depend on the host. */
const OPEN_OUTSIDE = [
  'seccomp-filter',
  'sandbox-identity',
  'own-pid-namespace',
  'mounts-as-planned',
  'model-not-writable',
  'egress-socket-fixed',
  'environment-as-planned',
  'syscalls-refused',
];

test('positive control: outside a sandbox the self-test finds the doors open', async () => {
  const report = await selfTest(plan);

  const missed = report.checks.filter(({ outcome }) => outcome !== 'pass').map(({ name }) => name);
  assert.deepEqual(
    report.checks.map(({ name }) => name),
    [...CHECK_NAMES],
  );
  assert.deepEqual(
    OPEN_OUTSIDE.filter((name) => !missed.includes(name)),
    [],
  );
});
