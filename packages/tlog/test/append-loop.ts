/**
 * A process that appends to a log until it is told to stop or dies: started by the tests.
 *
 * Arguments: folder of the log, lock file, first number, calls, step at which to die (-1: never),
 * `before` or `after`. Writes one line `index number checkpoint-size` per acknowledged entry.
 *
 * @module
 */
import { writeSync } from 'node:fs';
import process from 'node:process';

import { parseCheckpointText } from '../src/checkpoint.ts';
import { openStoredLog } from '../src/log.ts';
import { parseNote } from '../src/note.ts';
import { directoryStorage } from '../src/storage.ts';
import type { StepHook } from './faults.ts';
import { steppedLock, steppedStorage } from './faults.ts';
import { sqliteLock } from './sqlite-lock.ts';
import { NOW_MS, ORIGIN, testEntries, testSigner } from './world.ts';

const [folder = '', lockFile = '', first = '0', calls = '1', dieAt = '-1', when = 'before'] =
  process.argv.slice(2);

let step = -1;
const die = (): void => {
  if (step === Number(dieAt)) process.kill(process.pid, 'SIGKILL');
};
const hook: StepHook = {
  before: () => {
    step += 1;
    if (when === 'before') die();
  },
  after: () => {
    if (when === 'after') die();
  },
};

const lock = sqliteLock(lockFile);
const log = await openStoredLog(steppedStorage(directoryStorage(folder), hook), {
  origin: ORIGIN,
  signer: testSigner('log'),
  lock: steppedLock(lock, hook),
  clock: () => NOW_MS,
});
for (let call = 0; call < Number(calls); call += 1) {
  const number = Number(first) + call;
  const { firstIndex, checkpoint } = await log.append(testEntries(1, number));
  const { size } = parseCheckpointText(parseNote(checkpoint).text);
  writeSync(1, `${firstIndex} ${number} ${size}\n`);
}
await log.close();
lock.close();
