/**
 * Builds the program that stands above the server and notes where it tries to connect.
 *
 * Why: the kernel refuses a direct connection (no route), and from outside only a count remains. The
 * program asks the kernel to be told of every `connect` and of every `sendto` with an address
 * (seccomp user notification, Linux 5.5), copies the address out of the caller's memory, writes it to
 * descriptor 3, and lets the call go on to its own refusal. It decides nothing: what may leave the
 * sandbox is settled by the missing network alone. A caller that changes the address meanwhile, or
 * forbids to be read, hides only the address; the count from outside remains.
 *
 *     watcher COMMAND [ARG ...]      exits as the command does, 128 + signal when a signal ended it
 *
 * Record: 32 bytes, little endian: u32 number of the system call, then `struct sockaddr` as far as
 * it could be read, else zeros. Where the kernel gives no listener the command runs unwatched.
 *
 * @module
 */
import { CODE_ADDRESS, DATA_ADDRESS, elfProgram } from './elf-program.ts';
import { assembleWatchFilter } from './seccomp.ts';
import type { Architecture } from './seccomp.ts';
import { X64Assembler } from './x64-assembler.ts';

const MEMORY_BYTES = 0x1000;
/** struct seccomp_notif (80), struct seccomp_notif_resp (24), the record (32). */
const REQUEST = DATA_ADDRESS;
const RESPONSE = DATA_ADDRESS + 0x80n;
const RECORD = DATA_ADDRESS + 0xc0n;
const POLL = DATA_ADDRESS + 0x100n;
const STATUS = DATA_ADDRESS + 0x110n;
/** `/proc/PID` is written backwards from here, `/mem` stands here. */
const PATH_TAIL = DATA_ADDRESS + 0x180n;

const REQUEST_PID = REQUEST + 8n;
const REQUEST_NUMBER = REQUEST + 16n;
const REQUEST_ARG1 = REQUEST + 40n;
const REQUEST_ARG4 = REQUEST + 64n;

const RECORD_FD = 3;
const RECORD_BYTES = 32;
const SOCKADDR_BYTES = 28;
const SIGCHLD = 17;
const POLL_MS = 50;
const AT_FDCWD = -100;
const O_CLOEXEC = 0x80000;
const SET_MODE_FILTER = 1;
const FLAG_NEW_LISTENER = 8;
const NOTIF_RECV = 0xc0502100;
const NOTIF_SEND = 0xc0182101;
const POLLIN = 1n << 32n;
/** SECCOMP_USER_NOTIF_FLAG_CONTINUE in the upper half of `error, flags`. */
const CONTINUE = 1n << 32n;

const CALLS = {
  write: 1,
  close: 3,
  poll: 7,
  ioctl: 16,
  pread64: 17,
  sendto: 44,
  clone: 56,
  execve: 59,
  wait4: 61,
  exitGroup: 231,
  openat: 257,
  seccomp: 317,
} as const;

/** The program's bytes, or null for an architecture that it was not written for. */
export function buildConnectWatcher(architecture: Architecture): Uint8Array | null {
  if (architecture !== 'x64') return null;
  // Once for the offset of the constants, once with their address.
  const size = assemble(0n).offset('constants');
  const code = assemble(CODE_ADDRESS + BigInt(size)).finish();
  return elfProgram(architecture, code, MEMORY_BYTES);
}

function assemble(constants: bigint): X64Assembler {
  const filter = assembleWatchFilter('x64');
  const program = Buffer.alloc(16);
  program.writeUInt16LE(filter.length / 8, 0);
  program.writeBigUInt64LE(constants + 16n, 8);
  const asm = new X64Assembler();
  start(asm, constants);
  watch(asm);
  readAddress(asm);
  answer(asm);
  end(asm);
  return asm.label('constants').bytes(program).bytes(filter);
}

/** The listener in r13, the server's process id in r14; rbx keeps the initial stack. */
function start(asm: X64Assembler, filter: bigint): void {
  asm
    .move('rbx', 'rsp')
    .call(CALLS.seccomp, SET_MODE_FILTER, FLAG_NEW_LISTENER, filter)
    .test('rax')
    .jumpIf('negative', 'server')
    .move('r13', 'rax')
    .call(CALLS.clone, SIGCHLD, 0, 0, 0, 0)
    .test('rax')
    .jumpIf('zero', 'server')
    .jumpIf('negative', 'failed')
    .move('r14', 'rax')
    .move('rax', POLLIN)
    .add('rax', 'r13')
    .store(POLL, 'rax')
    .move('rax', text('/mem'))
    .store(PATH_TAIL, 'rax');
}

/** Waits for a notification, and looks whether the server has ended. */
function watch(asm: X64Assembler): void {
  asm
    .label('watch')
    .call(CALLS.wait4, 'r14', STATUS, 1, 0)
    .compare('rax', 'r14')
    .jumpIf('zero', 'ended')
    .test('rax')
    .jumpIf('negative', 'failed')
    .call(CALLS.poll, POLL, 1, POLL_MS)
    .compare('rax', 1)
    .jumpIf('not-zero', 'watch')
    .load('rax', POLL)
    .shiftRight('rax', 48)
    .and('rax', 1)
    .jumpIf('zero', 'watch')
    .clear(REQUEST, 10)
    .call(CALLS.ioctl, 'r13', NOTIF_RECV, REQUEST)
    .test('rax')
    .jumpIf('negative', 'watch');
}

/** Copies the address of the call from `/proc/PID/mem` into the record. */
function readAddress(asm: X64Assembler): void {
  asm
    .clear(RECORD, RECORD_BYTES / 8)
    .loadWord('rax', REQUEST_NUMBER)
    .store(RECORD, 'rax')
    .loadWord('rax', REQUEST_PID)
    .move('rdi', PATH_TAIL)
    .move('rcx', 10)
    .label('digit')
    .add('rdi', -1)
    .divide('rcx')
    .add('rdx', 0x30)
    .storeByte()
    .test('rax')
    .jumpIf('not-zero', 'digit')
    .move('rax', text('\0\0/proc/'))
    .storeBefore()
    .add('rdi', -6)
    .move('rsi', 'rdi')
    .call(CALLS.openat, AT_FDCWD, 'rsi', O_CLOEXEC, 0)
    .test('rax')
    .jumpIf('negative', 'report')
    .move('r15', 'rax')
    .load('r12', REQUEST_ARG1)
    .loadWord('rax', REQUEST_NUMBER)
    .compare('rax', CALLS.sendto)
    .jumpIf('not-zero', 'read')
    .load('r12', REQUEST_ARG4)
    .label('read')
    .call(CALLS.pread64, 'r15', RECORD + 4n, SOCKADDR_BYTES, 'r12')
    .call(CALLS.close, 'r15')
    .label('report')
    .call(CALLS.write, RECORD_FD, RECORD, RECORD_BYTES);
}

/** Lets the call go on: the kernel refuses it, or it was for the loopback. */
function answer(asm: X64Assembler): void {
  asm
    .load('rax', REQUEST)
    .store(RESPONSE, 'rax')
    .move('rax', CONTINUE)
    .store(RESPONSE + 16n, 'rax')
    .call(CALLS.ioctl, 'r13', NOTIF_SEND, RESPONSE)
    .jump('watch');
}

function end(asm: X64Assembler): void {
  asm
    .label('ended')
    .loadWord('rax', STATUS)
    .move('rdi', 'rax')
    .and('rdi', 0x7f)
    .jumpIf('not-zero', 'signalled')
    .move('rdi', 'rax')
    .shiftRight('rdi', 8)
    .and('rdi', 0xff)
    .jump('exit')
    .label('signalled')
    .add('rdi', 128)
    .label('exit')
    .call(CALLS.exitGroup)
    .label('failed')
    .move('rdi', 126)
    .jump('exit')
    // execve(argv[1], &argv[1], environment)
    .label('server')
    .call(CALLS.close, RECORD_FD)
    .loadFrom('rax', 'rbx', 0)
    .move('rdx', 'rax')
    .shiftLeft('rdx', 3)
    .add('rdx', 'rbx')
    .add('rdx', 16)
    .move('rsi', 'rbx')
    .add('rsi', 16)
    .loadFrom('rdi', 'rbx', 16)
    .call(CALLS.execve)
    .move('rdi', 127)
    .jump('exit');
}

/** At most eight characters as the bytes of a register. */
function text(characters: string): bigint {
  const bytes = Buffer.alloc(8);
  bytes.write(characters, 'latin1');
  return bytes.readBigUInt64LE();
}
