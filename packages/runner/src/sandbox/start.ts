/**
 * Starts one sandbox: spawn, self-test, go, READY; and ends it with everything in it.
 *
 * Order, each step bounded by the start deadline: the child joins its cgroups and becomes
 * bubblewrap; the init inside tests the sandbox and reports; only a perfect report is answered with
 * `go`; the server starts and says READY. Any miss kills the tree and throws.
 *
 * This module knows nothing of signatures and records: `launch` calls it with an admitted model.
 * Nothing of the sandbox is read by path, and everything it sends is hostile and bounded.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import process from 'node:process';
import { Duplex, Readable } from 'node:stream';
import { isMainThread } from 'node:worker_threads';

import { excerpt, parseStrictJson } from '@proofmark/core';

import { RunnerError } from '../errors.ts';
import type { SelfTestReport } from '../sandbox-init/plan.ts';
import { sandboxArguments, stageArguments } from './bwrap-args.ts';
import { layOut } from './layout.ts';
import type { Layout, ModelFile, ServerProfile } from './layout.ts';
import { limitedCommand, prepareLimits } from './limits.ts';
import type { EnforcedLimits, LimitedResource, PreparedLimits, ResourceLimits } from './limits.ts';
import { firstLine, Tail } from './lines.ts';
import type { SandboxSupport } from './probe.ts';
import type { RunFolder } from './run-folder.ts';
import { judgeSelfTest, MAX_REPORT_BYTES } from './self-test.ts';

export interface SandboxRequest {
  readonly support: SandboxSupport;
  readonly folder: RunFolder;
  readonly files: readonly ModelFile[];
  readonly server: ServerProfile;
  /** Host folder of `sandbox-init`. */
  readonly initFolder: string;
  readonly limits: ResourceLimits;
  readonly requiredLimits: readonly LimitedResource[];
  readonly startTimeoutMs: number;
  /** Runs after the self-test and before the server starts, with the sandbox's first process id. */
  readonly beforeServer?: (firstPid: number) => void;
}

export interface SandboxExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningSandbox {
  /** Host process id of bubblewrap, which lives exactly as long as the sandbox. */
  readonly pid: number;
  readonly report: SelfTestReport;
  /** Digests by path as the server or the init read them inside. */
  readonly modelFiles: Readonly<Record<string, string>>;
  readonly enforced: EnforcedLimits;
  /** Settles when every process of the sandbox is gone. */
  readonly exited: Promise<SandboxExit>;
  kill(): Promise<SandboxExit>;
  /** Last output of the server. Holds whatever the model printed: never log it unasked. */
  outputTail(): string;
}

const MAX_READY_BYTES = 1 << 20;
const TAIL_BYTES = 64 * 1024;
const STATUS_BYTES = 4096;
const MAX_SAID = 300;
const DIGEST = /^[0-9a-f]{64}$/;

/**
 * @throws {RunnerError} RUNNER_SELF_TEST_FAILED, RUNNER_START_FAILED, RUNNER_LIMIT_UNAVAILABLE,
 *   RUNNER_PROFILE_INVALID, RUNNER_BINARY_UNSUPPORTED
 */
export async function startSandbox(request: SandboxRequest): Promise<RunningSandbox> {
  if (!isMainThread) {
    // The kernel ties "die with parent" to the thread that spawned, and a worker thread may end.
    throw startFailed('it must be started from the main thread', '');
  }
  const { folder, support } = request;
  const limits = prepareLimits(
    folder.id,
    request.limits,
    {
      cgroupRoot: '/sys/fs/cgroup',
      privileged: support.setpriv !== null,
      ownUid: folder.identity.kind === 'own-uid',
    },
    request.requiredLimits,
  );
  try {
    return await supervise(request, limits);
  } catch (cause) {
    limits.release();
    throw cause;
  }
}

async function supervise(request: SandboxRequest, limits: PreparedLimits): Promise<RunningSandbox> {
  const layout = layOut(request.files, request.server, request.folder, request.initFolder);
  const child = spawnSandbox(request, layout, limits);
  const sandbox = new SandboxProcess(child, layout);
  const deadline = setTimeout(() => sandbox.expire(), request.startTimeoutMs);
  try {
    const report = await sandbox.selfTest();
    request.beforeServer?.(sandbox.firstPid);
    const modelFiles = await sandbox.ready();
    void sandbox.exited.then(() => limits.release());
    return {
      pid: child.pid ?? 0,
      report,
      modelFiles,
      enforced: limits.enforced,
      exited: sandbox.exited,
      kill: () => sandbox.kill(),
      outputTail: () => sandbox.tail.text(),
    };
  } catch (cause) {
    await sandbox.kill();
    throw sandbox.explain(cause, request.startTimeoutMs);
  } finally {
    clearTimeout(deadline);
  }
}

function spawnSandbox(
  request: SandboxRequest,
  layout: Layout,
  limits: PreparedLimits,
): ChildProcess {
  try {
    const command = limitedCommand(limits, bwrapCommand(request, layout));
    const [file = '', ...args] = command;
    return spawn(file, args, { env: {}, cwd: '/', stdio: layout.stdio() });
  } finally {
    layout.close();
  }
}

/** Arguments travel by descriptor: a process list shows no path and no model name. */
function bwrapCommand({ support, folder }: SandboxRequest, layout: Layout): string[] {
  const { profile } = layout;
  const status = ['--json-status-fd', `${layout.statusFd}`];
  const list = (args: readonly string[]): string[] => [
    '--args',
    `${layout.addContent(args.map((arg) => `${arg}\0`).join(''))}`,
  ];
  if (folder.identity.kind === 'supervisor-uid' || support.setpriv === null) {
    const inner = list(sandboxArguments(profile, 'descriptors'));
    return [support.bwrap, ...inner, ...status, '--', ...profile.command];
  }
  const id = `${folder.identity.uid}`;
  const stage = list(stageArguments(profile.mounts, support.stageHost));
  const inner = list(sandboxArguments(profile, 'stage'));
  return [
    [support.bwrap, ...stage, ...status, '--'],
    [support.setpriv, '--reuid', id, '--regid', id, '--clear-groups', '--no-new-privs', '--'],
    [support.bwrap, ...inner, '--', ...profile.command],
  ].flat();
}

/** One child and its pipes. Every method may be called in any state. */
class SandboxProcess {
  readonly exited: Promise<SandboxExit>;
  readonly tail: Tail = new Tail(TAIL_BYTES);
  readonly #child: ChildProcess;
  readonly #control: Duplex;
  readonly #report: Promise<Buffer>;
  readonly #ready: Promise<Buffer>;
  readonly #status: Promise<Buffer>;
  #firstPid = 0;
  #gone = false;
  #expired = false;

  constructor(child: ChildProcess, layout: Layout) {
    this.#child = child;
    this.exited = new Promise((resolve) => {
      const done = (code: number | null, signal: NodeJS.Signals | null): void => {
        this.#gone = true;
        resolve({ code, signal });
      };
      child.once('exit', done);
      child.once('error', () => done(null, null));
    });
    this.#control = asDuplex(child.stdio[layout.controlFd]);
    const keep = (chunk: Buffer): void => this.tail.push(chunk);
    const drop = (): void => undefined;
    this.#report = settled(firstLine(this.#control, MAX_REPORT_BYTES, drop));
    this.#status = settled(firstLine(asReadable(child.stdio[layout.statusFd]), STATUS_BYTES, drop));
    this.#ready = settled(firstLine(asReadable(child.stdout), MAX_READY_BYTES, keep));
    asReadable(child.stderr).on('data', keep);
  }

  get firstPid(): number {
    return this.#firstPid;
  }

  async selfTest(): Promise<SelfTestReport> {
    this.#firstPid = readChildPid(await this.#status);
    return judgeSelfTest(await this.#report);
  }

  /** Lets the server start and waits for its READY line. */
  async ready(): Promise<Readonly<Record<string, string>>> {
    this.#control.end('go\n');
    return readReady(await this.#ready);
  }

  /**
   * Ends every process. The first process of the pid namespace is killed, and bubblewrap, its
   * parent, exits only after the kernel has ended the whole namespace.
   */
  async kill(): Promise<SandboxExit> {
    if (!this.#gone) {
      if (this.#firstPid > 0) killQuietly(this.#firstPid);
      else this.#child.kill('SIGKILL');
    }
    return this.exited;
  }

  expire(): void {
    this.#expired = true;
    void this.kill();
  }

  explain(cause: unknown, timeoutMs: number): unknown {
    if (cause instanceof RunnerError) return cause;
    if (this.#expired)
      return startFailed(`it was not ready after ${timeoutMs} ms`, this.tail.text());
    return startFailed(
      cause instanceof Error ? cause.message : 'it ended',
      this.tail.text(),
      cause,
    );
  }
}

/** Marks a rejection as handled; whoever awaits the promise still sees it. */
function settled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already; bubblewrap's exit follows.
  }
}

/** First line of `--json-status-fd`: `{ "child-pid": 4711, ... }`, written by bubblewrap. */
function readChildPid(line: Buffer): number {
  const value = parseStrictJson(line, { maxBytes: STATUS_BYTES, maxDepth: 4 });
  const pid =
    typeof value === 'object' && value !== null && 'child-pid' in value ? value['child-pid'] : null;
  if (typeof pid !== 'number' || !Number.isInteger(pid) || pid <= 1) {
    throw new Error('bubblewrap did not report its child');
  }
  return pid;
}

/** The READY line comes from inside: a claim, which `launch` compares with the manifest. */
function readReady(line: Buffer): Readonly<Record<string, string>> {
  const value = parseStrictJson(line, { maxBytes: MAX_READY_BYTES, maxDepth: 4 });
  const fields = asRecord(value);
  if (fields['ready'] !== true) throw new Error('its first line is not a READY line');
  const files: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, digest] of Object.entries(asRecord(fields['modelFiles']))) {
    if (typeof digest !== 'string' || !DIGEST.test(digest)) {
      throw new Error(`its READY line has no digest for ${excerpt(name)}`);
    }
    files[name] = digest;
  }
  return files;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error('its READY line is malformed');
  }
  return value as Readonly<Record<string, unknown>>;
}

function asReadable(stream: unknown): Readable {
  if (stream instanceof Readable) return stream;
  throw startFailed('a pipe to it could not be made', '');
}

function asDuplex(stream: unknown): Duplex {
  if (stream instanceof Duplex) return stream;
  throw startFailed('the control pipe could not be made', '');
}

function startFailed(why: string, output: string, cause?: unknown): RunnerError {
  // The last line, where a server says why it ends; escaped, because it may be hostile.
  const last = output.trim().split('\n').at(-1) ?? '';
  const said =
    last === '' ? '' : ` It said: ${JSON.stringify(last.slice(0, MAX_SAID)).slice(1, -1)}`;
  return new RunnerError(
    'RUNNER_START_FAILED',
    `cannot start the model server in the sandbox: ${why}.${said}`,
    cause === undefined ? {} : { cause },
  );
}
