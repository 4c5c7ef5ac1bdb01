import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sandboxArguments, stageArguments } from '../../src/sandbox/bwrap-args.ts';
import type { SandboxProfile } from '../../src/sandbox/bwrap-args.ts';

const profile: SandboxProfile = {
  mounts: [
    { fd: 5, destination: '/model/w.bin', access: 'read-only' },
    { fd: 6, destination: '/run/model', access: 'read-write' },
  ],
  data: [{ fd: 7, destination: '/run/init/plan.json', mode: '0444' }],
  environment: { HOME: '/tmp' },
  tmpBytes: 1024,
  seccompFd: 8,
  command: ['/runtime/node', '/init/main.ts'],
};

test('unprivileged, mounts by descriptor and isolates everything', () => {
  assert.deepEqual(
    sandboxArguments(profile, 'descriptors').join(' '),
    '--unshare-all --unshare-user --disable-userns --hostname model --uid 65534 --gid 65534 ' +
      '--die-with-parent --new-session --cap-drop ALL --clearenv --setenv HOME /tmp --tmpfs / --perms 1777 --size 1024 --tmpfs /tmp ' +
      '--ro-bind-fd 5 /model/w.bin --bind-fd 6 /run/model ' +
      '--perms 0444 --ro-bind-data 7 /run/init/plan.json --symlink /tmp/.name-service /var/run/nscd --proc /proc --dev /dev ' +
      '--chdir / --remount-ro / --seccomp 8',
  );
});

test('as root, the stage holds the descriptors and the inner sandbox mounts from the stage', () => {
  const host = { folders: ['/usr'], symlinks: [{ path: '/lib', target: 'usr/lib' }] };

  assert.deepEqual(
    stageArguments(profile.mounts, host).join(' '),
    '--unshare-pid --unshare-ipc --die-with-parent --cap-drop ALL --cap-add CAP_SETUID ' +
      '--cap-add CAP_SETGID --clearenv --tmpfs / --ro-bind /usr /usr --symlink usr/lib /lib ' +
      '--dev-bind /proc /proc --dev-bind /dev /dev --perms 0755 --dir /tmp --perms 0755 ' +
      '--dir /stage --ro-bind-fd 5 /stage/0 --bind-fd 6 /stage/1 --chdir / --remount-ro /',
  );
  assert.match(
    sandboxArguments(profile, 'stage').join(' '),
    /--ro-bind \/stage\/0 \/model\/w.bin --bind \/stage\/1 \/run\/model/,
  );
});

test('never mounts configuration or state of the host', () => {
  const host = { folders: ['/usr'], symlinks: [] };
  const words = [...sandboxArguments(profile, 'stage'), ...stageArguments(profile.mounts, host)];

  for (const folder of ['/etc', '/home', '/root', '/var', '/sys', '/run']) {
    assert.ok(!words.includes(folder), folder);
  }
});

const broken: readonly (readonly [name: string, change: Partial<SandboxProfile>])[] = [
  ['a relative destination', { mounts: [{ fd: 5, destination: 'model', access: 'read-only' }] }],
  [
    'a destination that climbs',
    { mounts: [{ fd: 5, destination: '/a/../b', access: 'read-only' }] },
  ],
  ['the root as a destination', { mounts: [{ fd: 5, destination: '/', access: 'read-write' }] }],
  ['a trailing slash', { mounts: [{ fd: 5, destination: '/a/', access: 'read-only' }] }],
  ['one destination twice', { data: [{ fd: 9, destination: '/model/w.bin', mode: '0444' }] }],
  ['a NUL in an argument', { environment: { A: 'x\0--bind' } }],
  ['no command', { command: [] }],
  [
    'too many mounts',
    {
      mounts: Array.from({ length: 1025 }, (_, i) => ({
        fd: i,
        destination: `/m/${i}`,
        access: 'read-only' as const,
      })),
    },
  ],
];

for (const [name, change] of broken) {
  test(`refuses ${name}`, () => {
    assert.throws(() => sandboxArguments({ ...profile, ...change }, 'descriptors'), {
      code: 'RUNNER_PROFILE_INVALID',
    });
  });
}
