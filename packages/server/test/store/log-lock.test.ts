import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { openLogLock } from '../../src/store/log-lock.ts';

function newFile(): string {
  return path.join(mkdtempSync(path.join(tmpdir(), 'proofmark-log-lock-')), 'log.db');
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array | null): string | null =>
  value === null ? null : Buffer.from(value).toString();

test('what a step commits is what the next one sees, also after reopening', async () => {
  const file = newFile();
  const lock = openLogLock(file);

  const seen = [
    await lock.transact(async (committed) => ({
      checkpoint: bytes('one'),
      result: text(committed),
    })),
    await lock.transact(async (committed) => ({ checkpoint: null, result: text(committed) })),
    await lock.transact(async (committed) => ({
      checkpoint: bytes('two'),
      result: text(committed),
    })),
  ];
  lock.close();

  assert.deepEqual(seen, [null, 'one', 'one']);
  assert.equal(text(openLogLock(file).committed()), 'two');
});

test('a step that rejects commits nothing', async () => {
  const lock = openLogLock(newFile());
  await lock.transact(async () => ({ checkpoint: bytes('one'), result: null }));

  await assert.rejects(
    lock.transact(async () => {
      throw new Error('stop');
    }),
    /stop/,
  );

  assert.equal(text(lock.committed()), 'one');
});

test('steps of two openings are serialised: none is lost', async () => {
  const file = newFile();
  const first = openLogLock(file);
  const second = openLogLock(file);
  const add = async (committed: Uint8Array | null) => {
    await new Promise(setImmediate);
    return { checkpoint: bytes(`${text(committed) ?? ''}x`), result: null };
  };

  await Promise.all([first, second, second, first, second, first].map((l) => l.transact(add)));

  assert.equal(text(first.committed()), 'x'.repeat(6));
});
