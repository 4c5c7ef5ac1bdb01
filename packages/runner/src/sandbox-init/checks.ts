/**
 * The self-test: looks for open doors from inside the sandbox before any model code runs.
 *
 * Each check tries the forbidden thing and passes only on the refusal that the profile causes; a
 * surprise is a `fail`, a check that could not run is an `error`. The supervisor decides.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import {
  chmodSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { hostname } from 'node:os';
import process from 'node:process';

import { CHECK_NAMES, EGRESS_SOCKET, PROBE_PATH } from './plan.ts';
import type { CheckName, CheckResult, InitPlan, SelfTestReport } from './plan.ts';

/** A check returns null when all is well, else what it found. */
type Check = (plan: InitPlan) => string | null | Promise<string | null>;

const WAIT_MS = 2_000;
const UNREACHABLE = ['ENETUNREACH'];
/** Without any IPv6 in the kernel the address family itself is refused. */
const UNREACHABLE_V6 = ['ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT'];

/** Runs every check; never throws. */
export async function selfTest(plan: InitPlan): Promise<SelfTestReport> {
  const checks: CheckResult[] = [];
  for (const name of CHECK_NAMES) checks.push(await runCheck(name, plan));
  return { version: 1, checks };
}

async function runCheck(name: CheckName, plan: InitPlan): Promise<CheckResult> {
  try {
    const found = await CHECKS[name](plan);
    return found === null
      ? { name, outcome: 'pass', detail: '' }
      : { name, outcome: 'fail', detail: found.slice(0, 500) };
  } catch (cause) {
    return { name, outcome: 'error', detail: String(cause).slice(0, 500) };
  }
}

const CHECKS: Readonly<Record<CheckName, Check>> = {
  'seccomp-filter': () => expectStatus('Seccomp', /^2$/),
  'no-new-privileges': () => expectStatus('NoNewPrivs', /^1$/),
  'no-capabilities': () =>
    ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']
      .map((field) => expectStatus(field, /^0+$/))
      .find((found) => found !== null) ?? null,
  'sandbox-identity': checkIdentity,
  'own-pid-namespace': checkPids,
  'loopback-only': checkInterfaces,
  'no-routes': checkRoutes,
  'tcp4-unreachable': () => expectUnreachable('192.0.2.1', UNREACHABLE),
  'tcp6-unreachable': () => expectUnreachable('2001:db8::1', UNREACHABLE_V6),
  'metadata-unreachable': () => expectUnreachable('169.254.169.254', UNREACHABLE),
  'udp-unreachable': checkUdp,
  'no-name-resolution': checkNames,
  'mounts-as-planned': checkMounts,
  'model-not-writable': checkModel,
  'root-not-writable': checkRoot,
  'egress-socket-fixed': () => expectRefusal(['EROFS'], () => unlinkSync(EGRESS_SOCKET)),
  'descriptors-as-planned': checkDescriptors,
  'environment-as-planned': checkEnvironment,
  'syscalls-refused': checkSyscalls,
};

function expectStatus(field: string, wanted: RegExp): string | null {
  const status = readFileSync('/proc/self/status', 'utf8');
  const value = new RegExp(`^${field}:\\s*(\\S+)$`, 'm').exec(status)?.[1];
  return value !== undefined && wanted.test(value) ? null : `${field} is ${value ?? 'absent'}`;
}

function checkIdentity(plan: InitPlan): string | null {
  const ids = [process.getuid?.(), process.getgid?.(), process.geteuid?.(), process.getegid?.()];
  if (ids.some((id) => id !== plan.expected.uid)) return `ids are ${ids.join(' ')}`;
  // An unmapped supplementary group shows as the overflow gid, which equals the sandbox's own.
  const groups = process.getgroups?.() ?? [];
  if (groups.some((group) => group !== plan.expected.uid)) return `groups are ${groups.join(' ')}`;
  return hostname() === plan.expected.hostname ? null : `hostname is ${hostname()}`;
}

function checkPids(): string | null {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const first = readFileSync('/proc/1/comm', 'utf8').trim();
  if (first !== 'bwrap') return `process 1 is ${first}`;
  return pids.length <= 2 ? null : `processes ${pids.join(' ')} are visible`;
}

function checkInterfaces(): string | null {
  const names = readFileSync('/proc/net/dev', 'utf8')
    .split('\n')
    .slice(2)
    .map((line) => line.split(':')[0]?.trim() ?? '')
    .filter((name) => name !== '');
  return names.join(' ') === 'lo' ? null : `interfaces are ${names.join(' ')}`;
}

function checkRoutes(): string | null {
  const v4 = readFileSync('/proc/net/route', 'utf8').trim().split('\n').slice(1);
  if (v4.length > 0) return `IPv4 routes: ${v4.join('; ')}`;
  const v6 = readOptional('/proc/net/ipv6_route')
    .split('\n')
    .filter((line) => line.trim() !== '' && !/\slo$/.test(line));
  return v6.length === 0 ? null : `IPv6 routes: ${v6.join('; ')}`;
}

function readOptional(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

async function expectUnreachable(
  host: string,
  refusals: readonly string[],
): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: 80 });
    const done = (found: string | null): void => {
      socket.destroy();
      resolve(found);
    };
    socket.setTimeout(WAIT_MS, () => done(`a connection to ${host} waits instead of failing`));
    socket.once('connect', () => done(`${host} is reachable`));
    socket.once('error', (error) => done(judgeCode(error, refusals)));
  });
}

async function checkUdp(): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', (error) => resolve(judgeCode(error, UNREACHABLE)));
    socket.send('x', 53, '192.0.2.1', (error) => {
      socket.close();
      resolve(error === null ? 'a datagram left the sandbox' : judgeCode(error, UNREACHABLE));
    });
  });
}

async function checkNames(): Promise<string | null> {
  try {
    const { address } = await lookup('example.com');
    return `example.com resolves to ${address}`;
  } catch {
    return null;
  }
}

function checkMounts(plan: InitPlan): string | null {
  const seen = new Map<string, string>();
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n')) {
    const [, , , , point, options] = line.split(' ');
    if (point === undefined || options === undefined) return `unreadable line: ${line}`;
    seen.set(unescapeMount(point), options.split(',').includes('ro') ? 'ro' : 'rw');
  }
  const wanted = plan.expected.mounts;
  const extra = [...seen.keys()].filter((point) => wanted[point] === undefined);
  if (extra.length > 0) return `unplanned mounts: ${extra.join(' ')}`;
  const wrong = Object.keys(wanted).filter((point) => seen.get(point) !== wanted[point]);
  return wrong.length === 0 ? null : `missing mounts or other access: ${wrong.join(' ')}`;
}

/** The kernel writes space, tab, newline and backslash as three octal digits. */
function unescapeMount(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

function checkModel(plan: InitPlan): string | null {
  const { folder } = plan.model;
  const created = expectRefusal(['EROFS'], () => writeFileSync(`${folder}/.probe`, 'x'));
  if (created !== null) return created;
  const file = Object.keys(plan.expected.mounts).find((point) => point.startsWith(`${folder}/`));
  if (file === undefined) return 'no model file is mounted';
  return expectRefusal(['EROFS'], () => chmodSync(file, 0o666));
}

function checkRoot(): string | null {
  return (
    ['/probe', '/run/probe', '/init/probe', '/run/init/plan.json', '/usr/probe']
      .map((file) => expectRefusal(['EROFS', 'ENOENT', 'EACCES'], () => writeFileSync(file, 'x')))
      .find((found) => found !== null) ?? null
  );
}

function expectRefusal(codes: readonly string[], attempt: () => void): string | null {
  try {
    attempt();
    return 'a write succeeded';
  } catch (cause) {
    return judgeCode(cause, codes);
  }
}

function judgeCode(cause: unknown, codes: readonly string[]): string | null {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  return codes.includes(code) ? null : `the refusal is ${code}, not ${codes.join(' or ')}`;
}

function checkDescriptors(plan: InitPlan): string | null {
  const planned = new Set([0, 1, 2, plan.controlFd]);
  const strays = readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => !planned.has(fd))
    .map((fd) => ({ fd, target: descriptorTarget(fd) }))
    // Node's own descriptors are anonymous; a leak is a file, a folder or a socket.
    .filter(({ target }) => target !== null && !/^(?:anon_inode:\[event|pipe:)/.test(target))
    // The supervisor overlays what it would leak with the null device.
    .filter(({ target }) => target !== '/dev/null');
  return strays.length === 0
    ? null
    : `open descriptors: ${strays.map(({ fd, target }) => `${fd} ${target}`).join(', ')}`;
}

/** Null for a descriptor that is gone, such as the one that listed the folder. */
function descriptorTarget(fd: number): string | null {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return null;
  }
}

function checkEnvironment(plan: InitPlan): string | null {
  const wanted = plan.expected.environmentNames;
  const extra = Object.keys(process.env).filter((name) => !wanted.includes(name));
  return extra.length === 0 ? null : `unplanned variables: ${extra.join(' ')}`;
}

async function checkSyscalls(plan: InitPlan): Promise<string | null> {
  const expected = plan.expected.syscalls;
  const output = await new Promise<Buffer>((resolve, reject) => {
    const options = { encoding: 'buffer' as const, env: {}, timeout: WAIT_MS };
    execFile(PROBE_PATH, [], options, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
  });
  if (output.length !== expected.length * 8) return `the probe wrote ${output.length} bytes`;
  const open = expected
    .map((call, i) => ({ ...call, got: Number(output.readBigInt64LE(i * 8)) }))
    .filter(({ result, got }) => got !== result)
    .map(({ name, got }) => `${name} gives ${got}`);
  return open.length === 0 ? null : open.join(', ');
}
