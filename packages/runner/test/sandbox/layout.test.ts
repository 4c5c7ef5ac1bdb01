import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

import { layOut } from '../../src/sandbox/layout.ts';
import { createRunFolder } from '../../src/sandbox/run-folder.ts';
import type { InitPlan } from '../../src/sandbox-init/plan.ts';
import { nodeServerProfile } from '../../src/server-profile.ts';
import { serverFolder, temporaryFolder, verifiedFiles } from '../fixtures/sandbox.ts';

const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

test('plans exactly what it mounts, and closes what it opened', (t) => {
  const folder = createRunFolder(temporaryFolder(t));
  const files = verifiedFiles(t, { 'a.bin': 'A', 'sub/b.bin': 'B' });
  const before = openDescriptors();

  const layout = layOut(
    files,
    nodeServerProfile(serverFolder('echo-server'), 'main.ts'),
    folder,
    serverFolder('echo-server'),
  );
  const planFd = layout.profile.data.find((data) => data.destination === '/run/init/plan.json')?.fd;
  const parentFd = layout.stdio()[planFd ?? -1];
  const plan = JSON.parse(readFileSync(Number(parentFd), 'utf8')) as InitPlan;
  layout.close();
  folder.release();

  const mounted = [...layout.profile.mounts, ...layout.profile.data].map((m) => m.destination);
  assert.ok(mounted.every((destination) => plan.expected.mounts[destination] !== undefined));
  assert.equal(plan.expected.mounts['/model/sub/b.bin'], 'ro');
  assert.equal(plan.expected.mounts['/run/model'], 'rw');
  assert.equal(openDescriptors(), before);
});

test('a server folder that is absent leaves no descriptor open', (t) => {
  const folder = createRunFolder(temporaryFolder(t));
  const before = openDescriptors();

  assert.throws(() => layOut([], nodeServerProfile('/nonexistent', 'x'), folder, '/'), /ENOENT/);

  assert.equal(openDescriptors(), before);
  folder.release();
});
