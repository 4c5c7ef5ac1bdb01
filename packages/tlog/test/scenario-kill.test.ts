/**
 * kill -9 of a process that appends: at every step, and at random moments. No acknowledged entry is
 * lost and the log never forks.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import { openLog } from '../src/log.ts';
import { checkLog } from './check-log.ts';
import { sqliteLock } from './sqlite-lock.ts';
import { NOW_MS, ORIGIN, testEntries, testFolder, testSigner } from './world.ts';

const CHILD = path.join(import.meta.dirname, 'append-loop.ts');

interface Place {
  readonly folder: string;
  readonly lockFile: string;
}

/** Runs the child; `onLine` may kill it. Returns its lines and how it ended. */
async function runChild(
  place: Place,
  args: readonly (string | number)[],
  onLine: (count: number) => boolean = () => false,
): Promise<{
  readonly lines: readonly string[];
  readonly signal: string | null;
  readonly code: number | null;
}> {
  const child = spawn(
    process.execPath,
    [
      '--conditions=proofmark-source',
      '--disable-warning=ExperimentalWarning',
      CHILD,
      place.folder,
      place.lockFile,
      ...args.map(String),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const lines: string[] = [];
  const exit = new Promise<{ signal: string | null; code: number | null }>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (onLine(lines.length)) child.kill('SIGKILL');
  }
  return { lines, ...(await exit) };
}

function place(t: TestContext): Place {
  const folder = testFolder(t);
  return { folder: path.join(folder, 'log'), lockFile: path.join(folder, 'lock.sqlite') };
}

/** Adds the acknowledged `index number size` lines. */
function acknowledge(into: Map<number, number>, lines: readonly string[]): void {
  for (const line of lines) {
    const [index = -1, number = -1] = line.split(' ').map(Number);
    into.set(number, index);
  }
}

async function check(
  at: Place,
  acknowledged: ReadonlyMap<number, number>,
  mayAppear: readonly number[],
  seen: Uint8Array[],
): Promise<void> {
  const lock = sqliteLock(at.lockFile);
  const log = await openLog({
    directory: at.folder,
    origin: ORIGIN,
    signer: testSigner('log'),
    lock,
    clock: () => NOW_MS,
  });
  await checkLog(log, at.folder, acknowledged, { mayAppear, seen });
  seen.push(log.checkpoint());
  await log.close();
  lock.close();
}

test('killed at each step in turn, the log keeps what it acknowledged', async (t) => {
  const at = place(t);
  const lock = sqliteLock(at.lockFile);
  const settings = {
    directory: at.folder,
    origin: ORIGIN,
    signer: testSigner('log'),
    clock: () => NOW_MS,
  };
  const log = await openLog({ ...settings, lock });
  await log.append(testEntries(254));
  await log.close();
  lock.close();
  const acknowledged = new Map(Array.from({ length: 254 }, (_, n) => [n, n]));
  const attempted: number[] = [];
  const seen: Uint8Array[] = [];

  let first = 1000;
  for (let step = 0; step < 8; step += 1) {
    const { lines, signal } = await runChild(at, [
      first,
      5,
      step,
      step % 2 === 0 ? 'before' : 'after',
    ]);
    assert.equal(signal, 'SIGKILL');
    acknowledge(acknowledged, lines);
    attempted.push(...[0, 1, 2, 3, 4].map((n) => first + n));
    await check(at, acknowledged, attempted, seen);
    first += 5;
  }
});

test('killed from outside at any moment, the log keeps what it acknowledged', async (t) => {
  const at = place(t);
  const acknowledged = new Map<number, number>();
  const attempted: number[] = [];
  const seen: Uint8Array[] = [];

  let first = 0;
  for (const kills of [1, 7, 30]) {
    const { lines, signal } = await runChild(at, [first, 100_000], (count) => count === kills);
    assert.equal(signal, 'SIGKILL');
    assert.ok(lines.length >= kills);
    acknowledge(acknowledged, lines);
    attempted.push(first + lines.length);
    await check(at, acknowledged, attempted, seen);
    first += lines.length + 1;
  }
});

test('two processes append through one lock: every entry once, one history', async (t) => {
  const at = place(t);
  const calls = 25;

  const [a, b] = await Promise.all([runChild(at, [0, calls]), runChild(at, [1000, calls])]);

  assert.deepEqual([a.code, b.code], [0, 0]);
  const acknowledged = new Map<number, number>();
  acknowledge(acknowledged, [...a.lines, ...b.lines]);
  assert.equal(acknowledged.size, 2 * calls);
  assert.deepEqual(
    [...acknowledged.values()].toSorted((x, y) => x - y),
    Array.from({ length: 2 * calls }, (_, index) => index),
  );
  await check(at, acknowledged, [], []);
});
