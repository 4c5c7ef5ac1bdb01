import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { accessSync, chmodSync, constants, openSync, closeSync, statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';

import { DEFAULT_LIMITS } from '../../src/sandbox/limits.ts';
import { createRunFolder } from '../../src/sandbox/run-folder.ts';
import { startSandbox } from '../../src/sandbox/start.ts';
import type { SandboxRequest } from '../../src/sandbox/start.ts';
import { nodeServerProfile } from '../../src/server-profile.ts';
import {
  sandboxSupport,
  serverFolder,
  temporaryFolder,
  verifiedFiles,
} from '../fixtures/sandbox.ts';

const FLAGS = ['--conditions=proofmark-source'];
const SUPERVISOR = path.join(import.meta.dirname, '../fixtures/supervisor.ts');

function request(t: TestContext, support: SandboxRequest['support']): SandboxRequest {
  const folder = createRunFolder(temporaryFolder(t));
  t.after(() => folder.release());
  return {
    support,
    folder,
    files: verifiedFiles(t, { 'w.bin': 'GOOD' }),
    server: nodeServerProfile(serverFolder('echo-server'), 'main.ts'),
    initFolder: path.join(import.meta.dirname, '../../src/sandbox-init'),
    limits: DEFAULT_LIMITS,
    requiredLimits: [],
    startTimeoutMs: 20_000,
  };
}

test('a bubblewrap that fails is a refused start that keeps its message', async (t) => {
  const support = await sandboxSupport(t);
  if (support === null) return;

  await assert.rejects(startSandbox(request(t, { ...support, bwrap: '/bin/false' })), {
    code: 'RUNNER_START_FAILED',
  });
  await assert.rejects(startSandbox(request(t, { ...support, bwrap: '/nonexistent/bwrap' })), {
    code: 'RUNNER_START_FAILED',
    message: /nonexistent/,
  });
});

test('a sandbox whose init is replaced does not pass for a tested one', async (t) => {
  const support = await sandboxSupport(t);
  if (support === null) return;

  // The echo server does not report: it prints READY at once, as a hostile init would.
  await assert.rejects(
    startSandbox({
      ...request(t, support),
      initFolder: serverFolder('echo-server'),
      startTimeoutMs: 1_500,
    }),
    { code: 'RUNNER_START_FAILED' },
  );
});

test('cannot be started from a worker thread, whose end would end the sandbox', async () => {
  const source = new URL('../../src/sandbox/start.ts', import.meta.url).href;
  const program = `
    import { parentPort } from 'node:worker_threads';
    const { startSandbox } = await import(${JSON.stringify(source)});
    await startSandbox({}).catch((cause) => parentPort.postMessage(cause.code));
  `;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`), {
    execArgv: FLAGS,
  });

  const code = await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });

  assert.equal(code, 'RUNNER_START_FAILED');
});

test('a descriptor that the supervisor inherited does not reach the sandbox', async (t) => {
  if ((await sandboxSupport(t)) === null) return;
  const leaked = openSync('/proc/self/status', 'r');
  t.after(() => closeSync(leaked));
  const stdio = ['ignore', 'pipe', 'pipe', ...Array.from({ length: 197 }, () => 'ignore'), leaked];

  // The self-test inside refuses any file among the descriptors, so a start is the proof.
  const started = await runSupervisor(t, [process.execPath], stdio as ('ignore' | number)[]);

  assert.match(started, /^\d+\n$/);
});

test('works for an unprivileged user as for root', async (t) => {
  if ((await sandboxSupport(t)) === null) return;
  if (process.getuid?.() !== 0)
    return t.diagnostic('this run is unprivileged: the other tests show it');
  if (!othersMayRead(import.meta.dirname) || !othersMayRead(process.execPath)) {
    return t.diagnostic('the checkout is private to root: nobody else can run it');
  }
  const drop = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--'];

  const started = await runSupervisor(t, [...drop, process.execPath], ['ignore', 'pipe', 'pipe']);

  assert.match(started, /^\d+\n$/);
});

/** Runs the supervisor fixture until it says that its sandbox serves; then ends it. */
async function runSupervisor(
  t: TestContext,
  [file = '', ...args]: readonly string[],
  stdio: ('ignore' | 'pipe' | number)[],
): Promise<string> {
  const root = temporaryFolder(t);
  chmodSync(root, 0o777);
  const child = spawn(file, [...args, ...FLAGS, SUPERVISOR, root], { stdio });
  t.after(() => child.kill('SIGKILL'));
  const errors: Buffer[] = [];
  child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk));
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', (chunk: Buffer) => resolve(String(chunk)));
    child.once('exit', () => reject(new Error(Buffer.concat(errors).toString())));
  });
}

function othersMayRead(file: string): boolean {
  accessSync(file, constants.R_OK);
  for (let at = file; at !== '/'; at = path.dirname(at)) {
    if ((statSync(at).mode & 0o005) !== 0o005) return false;
  }
  return true;
}
