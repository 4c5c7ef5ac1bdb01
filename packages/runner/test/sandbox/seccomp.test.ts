import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { sha256Hex } from '@proofmark/core';
import fc from 'fast-check';

import { ALLOWED_SYSCALLS } from '../../src/sandbox/allowed-syscalls.ts';
import {
  assembleFilter,
  ranges,
  readArchitecture,
  syscallNumber,
} from '../../src/sandbox/seccomp.ts';
import type { Architecture } from '../../src/sandbox/seccomp.ts';

const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;
const EAFNOSUPPORT = 0x00050061;
const AUDIT: Readonly<Record<Architecture, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 };

/** Executes classic BPF as the kernel does, for the instructions that a filter may use. */
function run(filter: Uint8Array, data: { arch: number; nr: number; args: number[] }): number {
  const words = new Map([
    [0, data.nr],
    [4, data.arch],
    ...data.args.map((value, i) => [16 + 8 * i, value] as const),
  ]);
  const view = Buffer.from(filter);
  let accumulator = 0;
  for (let pc = 0; pc < view.length / 8; pc += 1) {
    const [code, k] = [view.readUInt16LE(pc * 8), view.readUInt32LE(pc * 8 + 4)];
    if (code === 0x06) return k;
    if (code === 0x20) {
      accumulator = words.get(k) ?? 0;
      continue;
    }
    const holds =
      code === 0x15
        ? accumulator === k
        : code === 0x25
          ? accumulator > k
          : code === 0x35
            ? accumulator >= k
            : (accumulator & k) !== 0;
    pc += view.readUInt8(pc * 8 + (holds ? 2 : 3));
  }
  throw new Error('the program ran past its end');
}

const architectures: readonly Architecture[] = ['x64', 'arm64'];

for (const architecture of architectures) {
  const filter = assembleFilter(architecture);
  const arch = AUDIT[architecture];
  const number = (name: string): number => {
    const nr = syscallNumber(architecture, name);
    assert.ok(nr !== null, name);
    return nr;
  };
  const judge = (name: string, args: number[] = []): number =>
    run(filter, { arch, nr: number(name), args });

  describe(`the seccomp filter for ${architecture}`, () => {
    test('allows every listed call that the architecture has', () => {
      for (const name of ALLOWED_SYSCALLS) {
        const nr = syscallNumber(architecture, name);
        if (nr !== null) assert.equal(run(filter, { arch, nr, args: [] }), ALLOW, name);
      }
    });

    test('refuses every number that is neither listed nor judged', () => {
      const known = new Set(
        [...ALLOWED_SYSCALLS, 'clone', 'clone3', 'socket', 'ioctl'].map((name) =>
          syscallNumber(architecture, name),
        ),
      );
      for (let nr = 0; nr < 1024; nr += 1) {
        if (!known.has(nr)) assert.equal(run(filter, { arch, nr, args: [] }), EPERM, `${nr}`);
      }
    });

    test('kills a call through another architecture', () => {
      assert.equal(run(filter, { arch: 0x40000003, nr: number('read'), args: [] }), KILL);
      assert.equal(run(filter, { arch: arch ^ 1, nr: number('read'), args: [] }), KILL);
    });

    test('opens only local and internet sockets', () => {
      for (let family = 0; family < 64; family += 1) {
        const wanted = [1, 2, 10].includes(family) ? ALLOW : EAFNOSUPPORT;
        assert.equal(judge('socket', [family]), wanted, `${family}`);
      }
    });

    test('refuses every namespace flag in clone, and clone3 as a whole', () => {
      for (const bit of [17, 25, 26, 27, 28, 29, 30]) {
        assert.equal(judge('clone', [(1 << bit) >>> 0]), EPERM, `${bit}`);
      }
      assert.equal(judge('clone', [0x3d0f00]), ALLOW);
      assert.equal(judge('clone3'), ENOSYS);
    });

    test('refuses to type into a terminal and allows other ioctls', () => {
      assert.equal(judge('ioctl', [0, 0x5412]), EPERM);
      assert.equal(judge('ioctl', [0, 0x541c]), EPERM);
      assert.equal(judge('ioctl', [0, 0x5401]), ALLOW);
    });

    test('always returns, whatever the call', () => {
      fc.assert(
        fc.property(
          fc.nat(0xffffffff),
          fc.array(fc.nat(0xffffffff), { maxLength: 6 }),
          (nr, args) => {
            const action = run(filter, { arch, nr, args });

            assert.ok([ALLOW, KILL, EPERM, ENOSYS, EAFNOSUPPORT].includes(action));
          },
        ),
      );
    });
  });
}

test('kills the x32 call table, which shares the entry of x86-64', () => {
  const filter = assembleFilter('x64');

  assert.equal(run(filter, { arch: AUDIT.x64, nr: 0x40000000, args: [] }), KILL);
  assert.equal(run(filter, { arch: AUDIT.x64, nr: 0x40000001, args: [] }), KILL);
});

test('assembles the same bytes every time: a change of the filter is a change of this test', () => {
  const digests = architectures.map((architecture) => {
    const filter = assembleFilter(architecture);
    return `${architecture} ${filter.length / 8} ${sha256Hex(filter)}`;
  });

  assert.deepEqual(digests, [
    'x64 170 36af380cd77df0647b7c75883250a0b868b90711c643a5b8b5f9903a46e60130',
    'arm64 154 ce5ea680bc7863ee75346397ab091a6ae5c69ccb3ed1ae4605f13818001d920b',
  ]);
});

test('has no filter for an architecture without a table', () => {
  assert.throws(() => readArchitecture('riscv64'), { code: 'RUNNER_PROFILE_INVALID' });
});

test('ranges() covers exactly the given numbers', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(60), { minLength: 1 }), (numbers) => {
      const covered = ranges(numbers).flatMap(([first, last]) =>
        Array.from({ length: last - first + 1 }, (_, i) => first + i),
      );

      assert.deepEqual(
        covered,
        [...new Set(numbers)].toSorted((a, b) => a - b),
      );
    }),
  );
});
