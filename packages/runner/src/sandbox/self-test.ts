/**
 * Judges the self-test report of a sandbox, outside.
 *
 * The report comes from our init before any model code ran, yet it is read as hostile: strict JSON,
 * bounded, exactly the expected checks. Anything but `pass` for every one of them refuses the start.
 *
 * @module
 */
import { excerpt, parseStrictJson } from '@proofmark/core';
import type { Json } from '@proofmark/core';

import { RunnerError } from '../errors.ts';
import { CHECK_NAMES } from '../sandbox-init/plan.ts';
import type { CheckResult, SelfTestReport, SyscallExpectation } from '../sandbox-init/plan.ts';
import type { ProbeArgument } from './syscall-probe.ts';

/** Bytes of a report, its newline excluded. */
export const MAX_REPORT_BYTES: number = 64 * 1024;

/** A call that the filter must refuse, and how. */
export interface RefusedCall extends SyscallExpectation {
  readonly syscall: string;
  readonly args: readonly ProbeArgument[];
}

const EPERM = -1;
const ENOSYS = -38;
const EAFNOSUPPORT = -97;
const AF_NETLINK = 16;
const AF_PACKET = 17;
const AF_VSOCK = 40;
const CLONE_NEWUSER = 0x10000000;
const TIOCSTI = 0x5412;

/** Each succeeds or fails differently without the filter, so the result proves the filter. */
export const REFUSED_CALLS: readonly RefusedCall[] = [
  call('socket', 'AF_VSOCK socket', [AF_VSOCK, 1, 0], EAFNOSUPPORT),
  call('socket', 'AF_NETLINK socket', [AF_NETLINK, 3, 0], EAFNOSUPPORT),
  call('socket', 'AF_PACKET socket', [AF_PACKET, 3, 0], EAFNOSUPPORT),
  call('clone3', 'clone3', ['scratch', 0], ENOSYS),
  call('io_uring_setup', 'io_uring', [1, 'scratch'], EPERM),
  call('userfaultfd', 'userfaultfd', [0], EPERM),
  call('keyctl', 'keyctl', [0, -3, 0], EPERM),
  call('add_key', 'add_key', ['scratch', 'scratch', 0, 0, -1], EPERM),
  call('process_vm_readv', 'process_vm_readv', [1, 0, 0, 0, 0, 0], EPERM),
  call('memfd_secret', 'memfd_secret', [0], EPERM),
  call('personality', 'personality', [0xffffffff], EPERM),
  call('bpf', 'bpf', [0, 'scratch', 0], EPERM),
  call('mount', 'mount', [0, 0, 0, 0, 0], EPERM),
  call('setns', 'setns', [-1, 0], EPERM),
  call('perf_event_open', 'perf_event_open', ['scratch', 0, -1, -1, 0], EPERM),
  call('open_by_handle_at', 'open_by_handle_at', [-1, 'scratch', 0], EPERM),
  call('pidfd_getfd', 'pidfd_getfd', [-1, 0, 0], EPERM),
  call('fanotify_init', 'fanotify_init', [0, 0], EPERM),
  call('ioctl', 'TIOCSTI', [0, TIOCSTI, 'scratch'], EPERM),
  call('ptrace', 'ptrace', [0, 0, 0, 0], EPERM),
  call('unshare', 'new user namespace', [CLONE_NEWUSER], EPERM),
];

function call(
  syscall: string,
  name: string,
  args: readonly ProbeArgument[],
  result: number,
): RefusedCall {
  return { syscall, name, args, result };
}

/** @throws {RunnerError} RUNNER_SELF_TEST_FAILED, with the missed checks in `details.checks` */
export function judgeSelfTest(line: Uint8Array | string): SelfTestReport {
  const checks = readChecks(line);
  const names = checks.map((check) => check.name);
  if (names.join(' ') !== CHECK_NAMES.join(' ')) {
    throw refuse('the report does not hold exactly the expected checks', names);
  }
  const missed = checks.filter((check) => check.outcome !== 'pass');
  if (missed.length > 0) {
    const found = missed.map(
      (check) => `${check.name}: ${check.outcome} (${excerpt(check.detail)})`,
    );
    throw refuse(
      found.join('; '),
      missed.map((check) => check.name),
    );
  }
  return { version: 1, checks };
}

function readChecks(line: Uint8Array | string): CheckResult[] {
  let value: Json;
  try {
    value = parseStrictJson(line, { maxBytes: MAX_REPORT_BYTES, maxDepth: 4 });
  } catch (cause) {
    throw refuse('the report is not JSON', [], cause);
  }
  const checks = isObject(value) && value['version'] === 1 ? value['checks'] : undefined;
  if (!Array.isArray(checks)) throw refuse('the report has no list of checks', []);
  return (checks as readonly Json[]).map(readCheck);
}

function readCheck(value: Json): CheckResult {
  if (!isObject(value)) throw refuse('a check is not an object', []);
  const { name, outcome, detail } = value;
  if (typeof name !== 'string' || typeof detail !== 'string')
    throw refuse('a check is malformed', []);
  if (outcome !== 'pass' && outcome !== 'fail' && outcome !== 'error') {
    throw refuse(`the check ${excerpt(name)} has no outcome`, []);
  }
  return { name, outcome, detail };
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(why: string, checks: readonly string[], cause?: unknown): RunnerError {
  return new RunnerError(
    'RUNNER_SELF_TEST_FAILED',
    `cannot trust the sandbox: ${why}. The server was not started; check the kernel and bubblewrap of this host`,
    { details: { checks: checks.join(',') }, ...(cause === undefined ? {} : { cause }) },
  );
}
