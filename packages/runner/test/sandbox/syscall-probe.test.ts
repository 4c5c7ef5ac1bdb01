import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { test } from 'node:test';

import { sha256Hex } from '@proofmark/core';

import { readArchitecture, syscallNumber } from '../../src/sandbox/seccomp.ts';
import { REFUSED_CALLS } from '../../src/sandbox/self-test.ts';
import { buildProbe, readProbeResults } from '../../src/sandbox/syscall-probe.ts';
import type { ProbeCall } from '../../src/sandbox/syscall-probe.ts';

const EBADF = -9;
const EFAULT = -14;

function runProbe(calls: readonly ProbeCall[]): readonly number[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'probe-'));
  try {
    const file = path.join(folder, 'probe');
    writeFileSync(file, buildProbe(readArchitecture(process.arch), calls), { mode: 0o700 });
    const child = spawnSync(file, { timeout: 5_000 });
    assert.equal(child.status, 0);
    return readProbeResults(child.stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function numberOf(name: string): number {
  const nr = syscallNumber(readArchitecture(process.arch), name);
  assert.ok(nr !== null);
  return nr;
}

test('passes arguments and returns raw results, errors as negative numbers', () => {
  const results = runProbe([
    { number: numberOf('close'), args: [-1] },
    { number: numberOf('uname'), args: ['scratch'] },
    { number: numberOf('uname'), args: [8] },
    { number: numberOf('dup3'), args: [2, 77, 0] },
  ]);

  assert.deepEqual(results, [EBADF, 0, EFAULT, 77]);
});

test('positive control: outside the sandbox the probe is not refused as the filter refuses', (t) => {
  const results = runProbe(
    REFUSED_CALLS.map(({ syscall, args }) => ({ number: numberOf(syscall), args })),
  );

  const open = REFUSED_CALLS.filter(({ result }, i) => results[i] !== result);
  const shut = REFUSED_CALLS.filter((call) => !open.includes(call)).map(({ name }) => name);
  t.diagnostic(`this host itself refuses: ${shut.join(', ') || 'none'}`);
  // A container's own filter may refuse most of them, but not all of these.
  assert.ok(open.length >= 3, `only ${open.map(({ name }) => name).join(', ')} differ`);
});

test('assembles the same program every time for both architectures', () => {
  const calls: ProbeCall[] = [{ number: 41, args: [40, 1n, 'scratch'] }];

  const digests = (['x64', 'arm64'] as const).map((architecture) =>
    sha256Hex(buildProbe(architecture, calls)),
  );

  assert.deepEqual(digests, [
    'd3a011c843e9e2465218026d61b4286a5046f75a9b129fb20f391d7acb42fad5',
    '5b0cb47ab6392f09b49ba3b51208ad69b28fd39decf2e87354359627671a865d',
  ]);
});
