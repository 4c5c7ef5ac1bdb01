/**
 * The process: argv, environment and signals are read here and nowhere else.
 *
 * @module
 */
import { userInfo } from 'node:os';
import path from 'node:path';
import process from 'node:process';

import { createProgram } from './program.ts';

const controller = new AbortController();
let signals = 0;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    signals += 1;
    controller.abort(new Error(signal));
    // A second Ctrl-C means now: what is durable stays durable, sandboxes die with their parent.
    if (signals > 1) process.exit(130);
  });
}
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0); // `proofmark ... | head`
  throw error;
});

const { env } = process;
const color =
  (env['NO_COLOR'] ?? '') === '' &&
  (process.stderr.isTTY === true || (env['FORCE_COLOR'] ?? '') !== '') &&
  env['TERM'] !== 'dumb';

process.exitCode = await createProgram({
  argv: process.argv.slice(2),
  cwd: process.cwd(),
  defaultDataRoot: env['PROOFMARK_DATA'] ?? path.join(process.cwd(), '.proofmark'),
  streams: { stdout: process.stdout, stderr: process.stderr, color },
  clock: Date.now,
  signal: controller.signal,
  actor: userInfo().username,
  environment: (name) => env[name],
});
