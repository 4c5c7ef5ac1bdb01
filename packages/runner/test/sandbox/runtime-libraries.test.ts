import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { test } from 'node:test';

import { runtimeLibraries } from '../../src/sandbox/runtime-libraries.ts';
import { readArchitecture } from '../../src/sandbox/seccomp.ts';
import { buildProbe } from '../../src/sandbox/syscall-probe.ts';

const architecture = readArchitecture(process.arch);

test('names the loader and every library of Node, each once and present', () => {
  const files = runtimeLibraries(process.execPath, architecture);

  const names = files.map((file) => path.basename(file.destination));
  assert.ok(names.includes('libc.so.6'));
  assert.ok(names.some((name) => name.startsWith('ld-')));
  assert.equal(new Set(files.map((file) => file.destination)).size, files.length);
  assert.ok(files.every((file) => existsSync(file.source) && path.isAbsolute(file.destination)));
});

test('a static binary brings no library, a text file is refused', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'libraries-'));
  writeFileSync(path.join(folder, 'static'), buildProbe(architecture, []));
  writeFileSync(path.join(folder, 'text'), '#!/bin/sh\n');

  assert.deepEqual(runtimeLibraries(path.join(folder, 'static'), architecture), []);
  assert.throws(() => runtimeLibraries(path.join(folder, 'text'), architecture), {
    code: 'RUNNER_BINARY_UNSUPPORTED',
  });
  rmSync(folder, { recursive: true });
});
