/**
 * The first process of a sandbox: tests the sandbox, reports, waits for `go`, starts the server.
 *
 * It stays as the parent of the server (bubblewrap above it reaps orphans), relays egress, and where
 * the server only speaks TCP bridges it to the Unix socket. It reads its plan from a mounted file;
 * environment and argv carry nothing but paths.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, readFileSync, readSync, writeSync } from 'node:fs';
import { get } from 'node:http';
import { hostname } from 'node:os';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';

import { Readable } from 'node:stream';

import { startBridge } from './bridge.ts';
import { selfTest } from './checks.ts';
import { readWatcher, reportDestinations } from './destinations.ts';
import { hashModelFiles } from './model-files.ts';
import { startNameService } from './name-service.ts';
import {
  EGRESS_SOCKET,
  NAME_SERVICE_FOLDER,
  PLAN_PATH,
  RELAY_PORT,
  SERVER_SOCKET,
  WATCHER_PATH,
} from './plan.ts';
import type { InitPlan } from './plan.ts';
import { startRelay } from './relay.ts';

const POLL_MS = 50;
const REFUSED = 96;
/** Names that mean the sandbox itself. */
const OWN_NAMES = ['', 'localhost', hostname()];

const plan = JSON.parse(readFileSync(PLAN_PATH, 'utf8')) as InitPlan;
writeSync(plan.controlFd, `${JSON.stringify(await selfTest(plan))}\n`);
if (!isToldToGo(plan.controlFd)) process.exit(REFUSED);
closeSync(plan.controlFd);
await startRelay(RELAY_PORT, EGRESS_SOCKET);
const reports = reportDestinations(EGRESS_SOCKET);
await startNameService(`${NAME_SERVICE_FOLDER}/socket`, (name) => {
  if (!OWN_NAMES.includes(name)) reports.add(name);
});
const server = startServer(plan);
if (plan.server.mode.kind === 'bridge') await bridge(plan, server, plan.server.mode);

/** Blocks: nothing may run before the supervisor has judged the report. */
function isToldToGo(fd: number): boolean {
  const answer = Buffer.alloc(3);
  let length = 0;
  while (length < answer.length) {
    const count = readSync(fd, answer, length, answer.length - length, null);
    if (count === 0) return false;
    length += count;
  }
  return answer.toString() === 'go\n';
}

function startServer({ server }: InitPlan): ChildProcess {
  const { environment, mode, watched } = server;
  const [file, ...args] = watched ? [WATCHER_PATH, ...server.command] : server.command;
  if (file === undefined) process.exit(REFUSED);
  // Behind a bridge standard output is ours: a line of the server must not pass for READY.
  const output = mode.kind === 'bridge' ? 2 : 'inherit';
  const child = spawn(file, args, {
    env: environment,
    stdio: ['ignore', output, 'inherit', watched ? 'pipe' : 'ignore'],
    cwd: '/tmp',
  });
  child.on('error', (error) => {
    process.stderr.write(`cannot start ${file}: ${error.message}\n`);
    process.exit(REFUSED);
  });
  const records = child.stdio[3];
  if (records instanceof Readable) readWatcher(records, reports);
  // With `close` the last record has been read.
  child.on('close', (code) => {
    void reports.close().then(() => process.exit(code ?? REFUSED));
  });
  return child;
}

async function bridge(
  { model }: InitPlan,
  child: ChildProcess,
  mode: Extract<InitPlan['server']['mode'], { readonly kind: 'bridge' }>,
): Promise<void> {
  const modelFiles = model.hash ? hashModelFiles(model.folder) : {};
  // The supervisor's start deadline bounds this wait.
  while (child.exitCode === null && !(await isHealthy(mode.port, mode.healthPath))) {
    await delay(POLL_MS);
  }
  await startBridge({ socketPath: SERVER_SOCKET, port: mode.port, routes: mode.routes });
  process.stdout.write(`${JSON.stringify({ ready: true, modelFiles })}\n`);
}

async function isHealthy(port: number, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, timeout: 1_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}
