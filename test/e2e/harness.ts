/**
 * Runs the real command as its users do, a process with its output and exit code, or one verb after
 * another in the process of the test.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

import { createProgram } from '../../packages/cli/src/program.ts';

/** The checkout. */
export const root = path.join(import.meta.dirname, '..', '..');
const NODE = ['--conditions=proofmark-source', '--disable-warning=ExperimentalWarning'];
const MAIN = path.join(root, 'packages/cli/src/main.ts');

/** The same command, with a clock that is ahead by what the file in TEST_CLOCK_FILE says. */
const MOVED_CLOCK = path.join(root, 'test/e2e/fixtures/moved-clock.ts');

/** Compiled sources of the command: every test starts it many times. */
const NODE_COMPILE_CACHE = path.join(root, 'node_modules', '.cache', 'proofmark-e2e');

export interface Finished {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A new folder below the system's temporary folder. */
export function temporaryFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'proofmark-e2e-'));
}

/** Runs a verb to its end; kills it after `timeoutMs`. */
export async function proofmark(
  args: readonly string[],
  timeoutMs = 120_000,
  clockFile?: string,
): Promise<Finished> {
  const child = launch(args, root, clockFile);
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const finished = await ended(child);
  clearTimeout(timer);
  return finished;
}

/**
 * Runs a verb to its end in this process: the same code from the arguments to the exit code, without
 * the half second in which a process starts. What a verb left running would keep the test from ending.
 */
export async function verb(args: readonly string[], clockFile?: string): Promise<Finished> {
  const written = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof written): PassThrough =>
    new PassThrough().on('data', (chunk: Buffer) => {
      written[name] += chunk.toString();
    });
  const aheadMs = (): number =>
    clockFile === undefined ? 0 : Number(readFileSync(clockFile, 'utf8'));
  const code = await createProgram({
    argv: args,
    cwd: root,
    defaultDataRoot: path.join(root, '.proofmark'),
    streams: { stdout: stream('stdout'), stderr: stream('stderr'), color: false },
    clock: () => Date.now() + aheadMs(),
    signal: new AbortController().signal,
    actor: 'operator',
  });
  return { code, signal: null, ...written };
}

/** What `proofmark up --json` prints when it serves. */
export interface Serving {
  readonly gateway: string;
  readonly control: string;
  readonly apiKeyFile: string;
  readonly model: {
    readonly name: string;
    readonly version: string;
    readonly manifestDigest: string;
  };
  readonly routes: readonly {
    readonly id: string;
    readonly publicModel: string;
    readonly model: { readonly name: string; readonly version: string } | null;
  }[];
  readonly receiptId: string | null;
  readonly readyMs: number;
}

export interface Up {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ready: Serving;
  readonly stderr: () => string;
  /** Ends with SIGINT, as Ctrl-C does, and waits. */
  stop(): Promise<Finished>;
}

export interface UpOptions {
  readonly timeoutMs?: number;
  readonly cwd?: string;
  /** Default: with `--demo`. */
  readonly verb?: readonly string[];
  readonly clockFile?: string;
}

/** Starts `proofmark up` on free ports and waits until it serves. */
export async function up(
  args: readonly string[],
  { timeoutMs = 300_000, cwd = root, verb = ['up', '--demo'], clockFile }: UpOptions = {},
): Promise<Up> {
  const all = [...verb, '--json', '--port', '0', '--control-port', '0', ...args];
  const child = launch(all, cwd, clockFile);
  const finished = ended(child);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ready = await Promise.race([
    firstDocument(child, timeoutMs),
    finished.then((f) => {
      throw new Error(`up ended with ${f.code} before it served:\n${f.stderr}`);
    }),
  ]);
  return {
    child,
    ready,
    stderr: () => stderr,
    stop: () => {
      child.kill('SIGINT');
      return finished;
    },
  };
}

/** Starts `up --demo` and kills it with SIGKILL when its stderr matches; false when it never did. */
export async function killUpAt(
  args: readonly string[],
  pattern: RegExp,
  timeoutMs = 300_000,
): Promise<boolean> {
  const child = launch(['up', '--demo', '--json', '--port', '0', '--control-port', '0', ...args]);
  let seen = '';
  let killed = false;
  child.stderr.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
    if (!killed && pattern.test(seen)) {
      killed = true;
      child.kill('SIGKILL');
    }
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  await ended(child);
  clearTimeout(timer);
  return killed;
}

function launch(
  args: readonly string[],
  cwd = root,
  clockFile?: string,
): ChildProcessWithoutNullStreams {
  const env = { ...process.env, NO_COLOR: '1', NODE_COMPILE_CACHE };
  if (clockFile === undefined) {
    return spawn(process.execPath, [...NODE, MAIN, ...args], { cwd, env });
  }
  return spawn(process.execPath, [...NODE, MOVED_CLOCK, ...args], {
    cwd,
    env: { ...env, TEST_CLOCK_FILE: clockFile },
  });
}

function ended(child: ChildProcessWithoutNullStreams): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      resolve({ code, signal, stdout, stderr });
    });
  });
}

function firstDocument(child: ChildProcessWithoutNullStreams, timeoutMs: number): Promise<Serving> {
  let text = '';
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`nothing served after ${timeoutMs} ms`));
    }, timeoutMs);
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      try {
        const parsed = JSON.parse(text) as Serving;
        clearTimeout(timer);
        resolve(parsed);
      } catch {
        // Not whole yet.
      }
    });
  });
}

/** Asks again and again until it is so. */
export async function until(
  isSo: () => Promise<boolean>,
  what: string,
  timeoutMs = 30_000,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await delay(100);
  }
}
