/**
 * Each step of an append x {failed, failed but persisted}: what the caller is told, that the log
 * goes on, and that the whole log checks afterwards, in the same process and in the next one.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';

import { TlogError } from '../src/errors.ts';
import { openLog, openStoredLog } from '../src/log.ts';
import type { Log } from '../src/log.ts';
import { memoryLock } from '../src/memory-lock.ts';
import { directoryStorage } from '../src/storage.ts';
import { checkLog } from './check-log.ts';
import { OneFault, steppedLock, steppedStorage } from './faults.ts';
import { NOW_MS, ORIGIN, testEntries, testFolder, testSigner } from './world.ts';

const settings = { origin: ORIGIN, signer: testSigner('log'), clock: () => NOW_MS };
/** So that the append of 4 fills a tile, starts the next, and starts a level. */
const BEFORE = 254;
const APPENDED = 4;

interface World {
  readonly log: Log;
  readonly fault: OneFault;
  readonly directory: string;
  readonly reopen: () => Promise<Log>;
  readonly publishFailures: TlogError[];
}

async function world(t: TestContext): Promise<World> {
  const directory = testFolder(t);
  const fault = new OneFault();
  const lock = memoryLock();
  const publishFailures: TlogError[] = [];
  const log = await openStoredLog(steppedStorage(directoryStorage(directory), fault), {
    ...settings,
    lock: steppedLock(lock, fault),
    onPublishFailure: (error) => publishFailures.push(error),
  });
  await log.append(testEntries(BEFORE));
  await log.published();
  const reopen = (): Promise<Log> => openLog({ ...settings, directory, lock });
  return { log, fault, directory, reopen, publishFailures };
}

function numbers(from: number, count: number): Map<number, number> {
  return new Map(Array.from({ length: count }, (_, at) => [from + at, from + at]));
}

/** The steps of the append, from a run without a fault. */
async function stepsOfAppend(t: TestContext): Promise<readonly string[]> {
  const { log, fault } = await world(t);
  fault.arm(-1, 'before');
  await log.append(testEntries(APPENDED, BEFORE));
  await log.published();
  return [...fault.seen];
}

const STEPS = [
  'write tile/0/000',
  'write tile/0/001.p/2',
  'write tile/1/000.p/1',
  'write tile/entries/000',
  'write tile/entries/001.p/2',
  'commit',
  'write checkpoint',
  'remove tile/0/000.p',
  'remove tile/entries/000.p',
];
const COMMIT = STEPS.indexOf('commit');

test('an append consists of these steps in this order', async (t) => {
  assert.deepEqual(await stepsOfAppend(t), STEPS);
});

/** Appends with a fault at one step; tells what the caller was told. */
async function appendWithFault(w: World, at: number, when: 'before' | 'after'): Promise<string> {
  w.fault.arm(at, when);
  const outcome = await w.log.append(testEntries(APPENDED, BEFORE)).then(
    () => 'acknowledged',
    (error: unknown) => (error instanceof TlogError ? error.code : String(error)),
  );
  await w.log.published();
  return outcome;
}

/** What must be in the log after the fault, and what may be. */
function expectation(
  at: number,
  when: 'before' | 'after',
): { code: string; committed: boolean; acknowledged: Map<number, number>; mayAppear: number[] } {
  const committed = at > COMMIT || (at === COMMIT && when === 'after');
  // Even a commit that was not made is unknown: the caller of the lock cannot tell.
  const code =
    at < COMMIT ? 'TLOG_APPEND_FAILED' : at === COMMIT ? 'TLOG_APPEND_UNKNOWN' : 'acknowledged';
  return {
    code,
    committed,
    acknowledged: numbers(0, at > COMMIT ? BEFORE + APPENDED : BEFORE),
    mayAppear: committed ? [...numbers(BEFORE, APPENDED).keys()] : [],
  };
}

describe('a fault at each step of an append', () => {
  for (const [at, step] of STEPS.entries()) {
    for (const when of ['before', 'after'] as const) {
      test(`${when} "${step}": the log goes on and lost nothing`, async (t) => {
        const w = await world(t);
        const before = w.log.checkpoint();
        const { code, committed, acknowledged, mayAppear } = expectation(at, when);

        const outcome = await appendWithFault(w, at, when);
        const next = await w.log.append(testEntries(3, 5000));

        assert.equal(w.fault.hit, step);
        assert.equal(outcome, code);
        assert.equal(w.publishFailures.length, at > COMMIT ? 1 : 0);
        assert.equal(next.firstIndex, BEFORE + (committed ? APPENDED : 0));
        for (let n = 0; n < 3; n += 1) acknowledged.set(5000 + n, next.firstIndex + n);
        const seen = [before, next.checkpoint];
        await checkLog(w.log, w.directory, acknowledged, { mayAppear, seen });
      });

      test(`${when} "${step}": the next process goes on and lost nothing`, async (t) => {
        const w = await world(t);
        const before = w.log.checkpoint();
        const { acknowledged, mayAppear } = expectation(at, when);
        await appendWithFault(w, at, when);

        const again = await w.reopen();
        const next = await again.append(testEntries(3, 5000));

        for (let n = 0; n < 3; n += 1) acknowledged.set(5000 + n, next.firstIndex + n);
        await checkLog(again, w.directory, acknowledged, { mayAppear, seen: [before] });
      });
    }
  }
});

describe('a fault while a log is begun', () => {
  for (const [at, step] of ['commit', 'write checkpoint'].entries()) {
    for (const when of ['before', 'after'] as const) {
      test(`${when} "${step}": the next attempt begins or goes on`, async (t) => {
        const directory = testFolder(t);
        const fault = new OneFault();
        const lock = memoryLock();
        fault.arm(at, when);
        const opening = openStoredLog(steppedStorage(directoryStorage(directory), fault), {
          ...settings,
          lock: steppedLock(lock, fault),
        });
        await assert.rejects(opening, /a fault/);
        assert.equal(fault.hit, step);

        const log = await openLog({ ...settings, directory, lock });
        await log.append(testEntries(2));

        await checkLog(log, directory, numbers(0, 2));
      });
    }
  }
});

test('many faults in a row: every step of every append fails once', async (t) => {
  const { log, fault, directory } = await world(t);
  const acknowledged = numbers(0, BEFORE);
  const mayAppear: number[] = [];
  let number = BEFORE;
  for (const when of ['before', 'after'] as const) {
    for (let at = 0; at < 8; at += 1) {
      fault.arm(at, when);
      try {
        const { firstIndex } = await log.append(testEntries(1, number));
        acknowledged.set(number, firstIndex);
      } catch (error) {
        assert.ok(error instanceof TlogError);
        if (error.code === 'TLOG_APPEND_UNKNOWN') mayAppear.push(number);
      }
      await log.published();
      number += 1;
    }
  }
  fault.arm(-1, 'before');

  await checkLog(log, directory, acknowledged, { mayAppear });
});
