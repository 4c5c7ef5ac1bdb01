import assert from 'node:assert/strict';
import { closeSync, openSync, readSync } from 'node:fs';
import process from 'node:process';
import { test } from 'node:test';

import fc from 'fast-check';

import { RunnerError } from '../../src/errors.ts';
import { readElf } from '../../src/sandbox/elf.ts';
import type { ReadAt } from '../../src/sandbox/elf.ts';
import { buildProbe } from '../../src/sandbox/syscall-probe.ts';

function over(bytes: Uint8Array): ReadAt {
  return (offset, length) => bytes.subarray(offset, offset + length);
}

test('finds the loader and the libraries of the Node binary', () => {
  const fd = openSync(process.execPath, 'r');
  const facts = readElf((offset, length) => {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(fd, bytes, 0, length, offset));
  }, 'node');
  closeSync(fd);

  assert.match(facts.interpreter ?? '', /^\/lib.*\/ld-/);
  assert.ok(facts.needed.includes('libc.so.6'));
});

test('a static program needs nothing', () => {
  const facts = readElf(over(buildProbe('x64', [])), 'probe');

  assert.deepEqual(facts, { interpreter: null, needed: [], runPaths: [] });
});

test('refuses what is not 64-bit little-endian ELF', () => {
  const probe = buildProbe('x64', []);
  for (const [at, value] of [
    [0, 0x7e],
    [4, 1],
    [5, 2],
    [54, 32],
  ] as const) {
    const broken = probe.slice();
    broken[at] = value;

    assert.throws(() => readElf(over(broken), 'x'), { code: 'RUNNER_BINARY_UNSUPPORTED' });
  }
});

test('any change of the headers gives facts or a coded refusal, never another error', () => {
  const probe = buildProbe('x64', []);
  fc.assert(
    fc.property(fc.nat(175), fc.nat(255), fc.nat(176), (at, value, length) => {
      const broken = probe.slice(0, probe.length - length);
      broken[at] = value;
      try {
        readElf(over(broken), 'x');
      } catch (cause) {
        assert.ok(cause instanceof RunnerError);
      }
    }),
  );
});
