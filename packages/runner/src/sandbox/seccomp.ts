/**
 * Assembles the seccomp filter of the sandbox: classic BPF over `struct seccomp_data`.
 *
 * Promises: an allow-list. A call that is not listed fails with EPERM; a call made through another
 * architecture's entry (32-bit, x32) kills the process; a new namespace is refused in `clone`, and
 * `clone3`, whose flags a filter cannot see, answers ENOSYS so that libc falls back to `clone`;
 * sockets exist for AF_UNIX, AF_INET and AF_INET6 only. AF_VSOCK matters most: network namespaces
 * do not scope it before Linux 7.0, so without this rule "no network" reaches the hypervisor.
 * `seccomp` itself may only add a filter with a listener, which the connect watcher does.
 *
 * Output: an array of `struct sock_filter { u16 code; u8 jt; u8 jf; u32 k }`, little endian, 8 bytes
 * each, as `bwrap --seccomp FD` reads it. Both supported architectures are little endian.
 *
 * @module
 */
import { RunnerError } from '../errors.ts';
import { ALLOWED_SYSCALLS } from './allowed-syscalls.ts';
import { AARCH64_SYSCALLS } from './syscall-numbers-aarch64.ts';
import { X86_64_SYSCALLS } from './syscall-numbers-x86-64.ts';

export type Architecture = 'x64' | 'arm64';

interface ArchitectureTable {
  /** AUDIT_ARCH_*, what the kernel puts into `seccomp_data.arch`. */
  readonly auditArch: number;
  readonly numbers: Readonly<Record<string, number>>;
  /** First number of a foreign call table that shares the entry point (x32), or null. */
  readonly foreignFrom: number | null;
  /** Whether the connect watcher exists, the one program that may call `seccomp`. */
  readonly watched: boolean;
}

const TABLES: Readonly<Record<Architecture, ArchitectureTable>> = {
  x64: { auditArch: 0xc000003e, numbers: X86_64_SYSCALLS, foreignFrom: 0x40000000, watched: true },
  arm64: { auditArch: 0xc00000b7, numbers: AARCH64_SYSCALLS, foreignFrom: null, watched: false },
};

const LOAD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_GREATER = 0x25;
const JUMP_AT_LEAST = 0x35;
const JUMP_ANY_BIT = 0x45;
const RETURN = 0x06;

const ALLOW = 0x7fff0000;
const NOTIFY = 0x7fc00000;
const KILL_PROCESS = 0x80000000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;
const EAFNOSUPPORT = 0x00050061;

const OFFSET_NR = 0;
const OFFSET_ARCH = 4;
const OFFSET_ARG0 = 16;
const OFFSET_ARG1 = 24;
const OFFSET_ARG4 = 48;
const SET_MODE_FILTER = 1;
const FLAG_NEW_LISTENER = 8;

/** CLONE_NEWNS | NEWCGROUP | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET. */
const NAMESPACE_FLAGS = 0x7e020000;
const ADDRESS_FAMILIES = [1, 2, 10] as const;
/** TIOCSTI types into the controlling terminal, TIOCLINUX selects and pastes on a console. */
const TERMINAL_INJECTION = [0x5412, 0x541c] as const;

interface Instruction {
  readonly code: number;
  readonly jumpTrue: number;
  readonly jumpFalse: number;
  readonly k: number;
}

/** Number of the named call, or null where the architecture lacks it. */
export function syscallNumber(architecture: Architecture, name: string): number | null {
  return TABLES[architecture].numbers[name] ?? null;
}

/** Narrows `process.arch`. @throws {RunnerError} RUNNER_PROFILE_INVALID */
export function readArchitecture(name: string): Architecture {
  if (name === 'x64' || name === 'arm64') return name;
  throw new RunnerError(
    'RUNNER_PROFILE_INVALID',
    `cannot build a seccomp filter for the architecture "${name}": only x64 and arm64 have a table`,
  );
}

/** For the watcher above the server, whose own filter then refuses the call to everybody. */
const LISTENER_ONLY: readonly Instruction[] = [
  load(OFFSET_ARG0),
  { code: JUMP_EQUAL, jumpTrue: 1, jumpFalse: 0, k: SET_MODE_FILTER },
  returns(EPERM),
  load(OFFSET_ARG1),
  { code: JUMP_EQUAL, jumpTrue: 1, jumpFalse: 0, k: FLAG_NEW_LISTENER },
  returns(EPERM),
  returns(ALLOW),
];

/** The whole filter for one architecture, ready for `bwrap --seccomp`. Same input, same bytes. */
export function assembleFilter(architecture: Architecture): Uint8Array {
  const table = TABLES[architecture];
  const program: Instruction[] = [
    load(OFFSET_ARCH),
    { code: JUMP_EQUAL, jumpTrue: 1, jumpFalse: 0, k: table.auditArch },
    returns(KILL_PROCESS),
    load(OFFSET_NR),
    ...(table.foreignFrom === null
      ? []
      : [
          { code: JUMP_AT_LEAST, jumpTrue: 0, jumpFalse: 1, k: table.foreignFrom },
          returns(KILL_PROCESS),
        ]),
    ...when(number(table, 'clone'), [
      load(OFFSET_ARG0),
      { code: JUMP_ANY_BIT, jumpTrue: 0, jumpFalse: 1, k: NAMESPACE_FLAGS },
      returns(EPERM),
      returns(ALLOW),
    ]),
    ...when(number(table, 'clone3'), [returns(ENOSYS)]),
    ...when(number(table, 'socket'), oneOf(OFFSET_ARG0, ADDRESS_FAMILIES, ALLOW, EAFNOSUPPORT)),
    ...when(number(table, 'ioctl'), oneOf(OFFSET_ARG1, TERMINAL_INJECTION, EPERM, ALLOW)),
    ...(table.watched ? when(number(table, 'seccomp'), LISTENER_ONLY) : []),
    ...allowList(table),
    returns(EPERM),
  ];
  return encode(program);
}

/**
 * The watcher's own filter: calls that name a destination are told to it, no further filter may be
 * installed, everything else is left to the filter above.
 */
export function assembleWatchFilter(architecture: Architecture): Uint8Array {
  const table = TABLES[architecture];
  return encode([
    load(OFFSET_NR),
    ...when(number(table, 'connect'), [returns(NOTIFY)]),
    ...when(number(table, 'sendto'), [
      load(OFFSET_ARG4),
      { code: JUMP_EQUAL, jumpTrue: 1, jumpFalse: 0, k: 0 },
      returns(NOTIFY),
      load(OFFSET_ARG4 + 4),
      { code: JUMP_EQUAL, jumpTrue: 1, jumpFalse: 0, k: 0 },
      returns(NOTIFY),
      returns(ALLOW),
    ]),
    ...when(number(table, 'seccomp'), [returns(EPERM)]),
    returns(ALLOW),
  ]);
}

function number(table: ArchitectureTable, name: string): number {
  const nr = table.numbers[name];
  if (nr === undefined) {
    throw new RunnerError('RUNNER_PROFILE_INVALID', `the system call table lacks "${name}"`);
  }
  return nr;
}

/** `body` for one call; it must return. The accumulator still holds the number if it is skipped. */
function when(nr: number, body: readonly Instruction[]): Instruction[] {
  return [{ code: JUMP_EQUAL, jumpTrue: 0, jumpFalse: body.length, k: nr }, ...body];
}

/** Arguments are ints in the kernel, so their low 32 bits are the whole value. */
function oneOf(
  offset: number,
  values: readonly number[],
  listed: number,
  otherwise: number,
): Instruction[] {
  const tests = values.map((k, i) => ({
    code: JUMP_EQUAL,
    jumpTrue: values.length - i,
    jumpFalse: 0,
    k,
  }));
  return [load(offset), ...tests, returns(otherwise), returns(listed)];
}

function allowList(table: ArchitectureTable): Instruction[] {
  const numbers = ALLOWED_SYSCALLS.map((name) => table.numbers[name]).filter(
    (nr) => nr !== undefined,
  );
  return ranges(numbers).flatMap(([first, last]) => [
    { code: JUMP_AT_LEAST, jumpTrue: 0, jumpFalse: 2, k: first },
    { code: JUMP_GREATER, jumpTrue: 1, jumpFalse: 0, k: last },
    returns(ALLOW),
  ]);
}

/** Merges numbers into ascending closed ranges. */
export function ranges(numbers: readonly number[]): readonly (readonly [number, number])[] {
  const merged: [number, number][] = [];
  for (const nr of [...new Set(numbers)].toSorted((a, b) => a - b)) {
    const last = merged.at(-1);
    if (last !== undefined && nr === last[1] + 1) last[1] = nr;
    else merged.push([nr, nr]);
  }
  return merged;
}

function load(offset: number): Instruction {
  return { code: LOAD, jumpTrue: 0, jumpFalse: 0, k: offset };
}

function returns(action: number): Instruction {
  return { code: RETURN, jumpTrue: 0, jumpFalse: 0, k: action };
}

function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach((instruction, index) => {
    bytes.writeUInt16LE(instruction.code, index * 8);
    bytes.writeUInt8(instruction.jumpTrue, index * 8 + 2);
    bytes.writeUInt8(instruction.jumpFalse, index * 8 + 3);
    bytes.writeUInt32LE(instruction.k, index * 8 + 4);
  });
  return new Uint8Array(bytes);
}
