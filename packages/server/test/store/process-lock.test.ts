import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { ServerError } from '../../src/errors.ts';
import { openDatabase } from '../../src/store/database.ts';
import { ProcessLock } from '../../src/store/process-lock.ts';

const MIGRATIONS = ['CREATE TABLE a (x INTEGER) STRICT'];

function newFile(): string {
  return path.join(mkdtempSync(path.join(tmpdir(), 'proofmark-lock-')), 'lock.db');
}

/** Two locks on one file behave as two processes do: SQLite locks by connection. */
function openLock(file: string, timeoutMs = 10_000): ProcessLock {
  const options = { file, migrations: MIGRATIONS, synchronous: 'full', busyTimeoutMs: 0 } as const;
  return new ProcessLock(openDatabase(options), timeoutMs);
}

test('steps of one lock run in order of arrival', async () => {
  const lock = openLock(newFile());
  const seen: number[] = [];

  await Promise.all([1, 2, 3].map((n) => lock.run(async () => void seen.push(n))));

  assert.deepEqual(seen, [1, 2, 3]);
});

test('a step waits until the holder on another connection is done', async () => {
  const file = newFile();
  const [first, second] = [openLock(file), openLock(file)];
  const seen: string[] = [];
  const holding = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();

  const a = first.run(async () => {
    entered.resolve();
    await holding.promise;
    seen.push('first');
  });
  await entered.promise;
  const b = second.run(async () => void seen.push('second'));
  await new Promise(setImmediate);
  holding.resolve();
  await Promise.all([a, b]);

  assert.deepEqual(seen, ['first', 'second']);
});

test('waiting ends with a clear refusal', async () => {
  const file = newFile();
  const [holder, waiting] = [openLock(file), openLock(file, 5)];

  await holder.run(async () => {
    await assert.rejects(
      waiting.run(async () => undefined),
      (e: unknown) => e instanceof ServerError && e.code === 'SERVER_LOCK_TIMEOUT',
    );
  });

  assert.equal(await waiting.run(async () => 'now'), 'now');
});

test('a failed step is rolled back, and the next one runs', async () => {
  const file = newFile();
  const options = { file, migrations: MIGRATIONS, synchronous: 'full', busyTimeoutMs: 0 } as const;
  const database = openDatabase(options);
  const lock = new ProcessLock(database, 100);

  await assert.rejects(
    lock.run(async () => {
      database.exec('INSERT INTO a VALUES (1)');
      throw new Error('stop');
    }),
    /stop/,
  );
  const rows = await lock.run(async () => database.prepare('SELECT x FROM a').all());

  assert.deepEqual(rows, []);
  database.close();
});
