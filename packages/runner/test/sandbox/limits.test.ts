import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, test } from 'node:test';

import { limitedCommand, prepareLimits } from '../../src/sandbox/limits.ts';
import type { LimitHost } from '../../src/sandbox/limits.ts';

const limits = { memoryBytes: 64 << 20, processes: 20, cpuPercent: 50, openFiles: 64 };

describe('prepareLimits()', () => {
  let root = '';
  let host: LimitHost = { cgroupRoot: '', privileged: true, ownUid: true };
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'cgroup-'));
    host = { cgroupRoot: root, privileged: true, ownUid: true };
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test('prefers cgroup v2 and writes its three limits', () => {
    writeFileSync(path.join(root, 'cgroup.controllers'), 'cpuset cpu io memory pids\n');

    const prepared = prepareLimits('x', limits, host);

    const read = (file: string): string =>
      readFileSync(path.join(root, 'proofmark/x', file), 'utf8');
    assert.equal(read('memory.max'), `${64 << 20}`);
    assert.equal(read('pids.max'), '20');
    assert.equal(read('cpu.max'), '50000 100000');
    assert.equal(prepared.enforced.memoryBytes, 'cgroup-v2');
    assert.deepEqual(prepared.joinFiles, [path.join(root, 'proofmark/x/cgroup.procs')]);
  });

  test('uses the controllers that cgroup v1 has and names the rest honestly', () => {
    for (const controller of ['memory', 'pids']) {
      mkdirSync(path.join(root, controller));
      writeFileSync(path.join(root, controller, 'cgroup.procs'), '');
    }

    const prepared = prepareLimits('x', limits, host);

    assert.deepEqual(prepared.enforced, {
      memoryBytes: 'cgroup-v1',
      processes: 'cgroup-v1',
      cpuPercent: 'none',
      openFiles: 'ulimit',
    });
    assert.equal(
      readFileSync(path.join(root, 'memory/proofmark/x/memory.limit_in_bytes'), 'utf8'),
      `${64 << 20}`,
    );
  });

  test('sweeps the groups of killed supervisors and no living one', () => {
    const parent = path.join(root, 'pids/proofmark');
    mkdirSync(path.join(parent, '1073741823-dead'), { recursive: true });
    mkdirSync(path.join(parent, `${process.pid}-living`));
    writeFileSync(path.join(root, 'pids/cgroup.procs'), '');

    prepareLimits('x', limits, host);

    assert.deepEqual(readdirSync(parent).toSorted(), [`${process.pid}-living`, 'x']);
  });

  test('falls back to ulimit, and counts processes only for a uid of its own', () => {
    const own = prepareLimits('x', limits, { ...host, privileged: false });
    const borrowed = prepareLimits('x', limits, { ...host, privileged: false, ownUid: false });

    assert.deepEqual(own.ulimits, [
      ['c', 0],
      ['n', 64],
      ['d', 65536],
      ['u', 20],
    ]);
    assert.equal(own.enforced.processes, 'ulimit');
    assert.equal(borrowed.enforced.processes, 'none');
    assert.equal(borrowed.enforced.memoryBytes, 'ulimit');
  });

  test('refuses a required limit that nothing enforces, and leaves no cgroup', () => {
    mkdirSync(path.join(root, 'memory'));
    writeFileSync(path.join(root, 'memory/cgroup.procs'), '');

    assert.throws(() => prepareLimits('x', limits, host, ['cpuPercent']), {
      code: 'RUNNER_LIMIT_UNAVAILABLE',
    });
  });

  test('refuses a limit that is not a positive whole number', () => {
    for (const value of [0, -1, 1.5, Number.NaN, Infinity]) {
      assert.throws(() => prepareLimits('x', { ...limits, processes: value }, host), {
        code: 'RUNNER_PROFILE_INVALID',
      });
    }
  });
});

test('limitedCommand() joins every cgroup, sets the limits and becomes the command', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'join-'));
  const joinFiles = [path.join(folder, 'a'), path.join(folder, 'b c')];
  const command = limitedCommand(
    {
      enforced: { memoryBytes: 'none', processes: 'none', cpuPercent: 'none', openFiles: 'ulimit' },
      joinFiles,
      ulimits: [
        ['c', 0],
        ['n', 33],
      ],
      release: () => undefined,
    },
    ['/bin/sh', '-c', 'echo $$ "$(ulimit -n)" "$1"', 'sh', 'a  b'],
  );

  const [file = '', ...args] = command;
  const output = spawnSync(file, args, { encoding: 'utf8' }).stdout.trim();

  const pid = output.split(' ')[0] ?? '';
  assert.equal(output, `${pid} 33 a  b`);
  assert.deepEqual(
    joinFiles.map((joined) => readFileSync(joined, 'utf8').trim()),
    [pid, pid],
  );
  rmSync(folder, { recursive: true });
});

test('limitedCommand() does not run the command when a cgroup cannot be joined', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'join-'));
  const marker = path.join(folder, 'ran');
  const command = limitedCommand(
    {
      enforced: { memoryBytes: 'none', processes: 'none', cpuPercent: 'none', openFiles: 'ulimit' },
      joinFiles: [path.join(folder, 'absent', 'cgroup.procs')],
      ulimits: [],
      release: () => undefined,
    },
    ['/bin/touch', marker],
  );

  const [file = '', ...args] = command;
  const child = spawnSync(file, args);

  assert.notEqual(child.status, 0);
  assert.ok(!existsSync(marker));
  rmSync(folder, { recursive: true });
});
