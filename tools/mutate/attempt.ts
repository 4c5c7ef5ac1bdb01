/**
 * Runs test files with one mutant in place, until a test fails, all pass, or the time is over.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

import type { Mutant } from './mutants.ts';

/** `survived`: every test passed, so no test notices the fault. */
export type Verdict = 'killed' | 'timeout' | 'survived';

export interface AttemptOptions {
  /** Absolute. */
  readonly source: string;
  readonly mutant: Mutant;
  /** Absolute. */
  readonly tests: readonly string[];
  readonly timeoutMs: number;
}

/** Test processes under way: an endless loop must not outlive the run that started it. */
const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach(kill));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const LOADER = pathToFileURL(path.join(import.meta.dirname, 'loader.mjs')).href;

export function attempt({ source, mutant, tests, timeoutMs }: AttemptOptions): Promise<Verdict> {
  if (tests.length === 0) return Promise.resolve('survived');
  const child = spawn(
    process.execPath,
    [
      '--conditions=proofmark-source',
      '--disable-warning=ExperimentalWarning',
      '--test',
      '--test-isolation=none',
      '--test-reporter=tap',
      ...tests,
    ],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
      // A group of its own: what the tests start dies with them.
      detached: true,
      env: {
        ...process.env,
        // Options, not arguments: processes that the tests start load the mutant too.
        NODE_OPTIONS: `--import=${LOADER}`,
        PROOFMARK_MUTANT: JSON.stringify({ url: pathToFileURL(source).href, ...mutant }),
      },
    },
  );
  running.add(child);
  return new Promise((resolve) => {
    let verdict: Verdict | null = null;
    const end = (said: Verdict): void => {
      verdict ??= said;
      kill(child);
    };
    const timer = setTimeout(() => end('timeout'), timeoutMs);
    let tail = '';
    child.stdout.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString('utf8')).slice(-65_536);
      if (/^\s*not ok /m.test(tail)) end('killed');
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      running.delete(child);
      resolve(verdict ?? (code === 0 ? 'survived' : 'killed'));
    });
  });
}

function kill({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
