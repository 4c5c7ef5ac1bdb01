import assert from 'node:assert/strict';
import { closeSync, openSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import { sha256Hex } from '@proofmark/core';

import {
  assertNoDrift,
  fileState,
  findDrift,
  hashDescriptor,
  watchIntegrity,
} from '../src/integrity.ts';
import type { WatchedFile } from '../src/integrity.ts';
import { temporaryFolder } from './fixtures/sandbox.ts';

function watched(t: TestContext): { readonly file: string; readonly entry: WatchedFile } {
  const file = path.join(temporaryFolder(t), 'w.bin');
  writeFileSync(file, 'GOOD');
  const fd = openSync(file, 'r');
  t.after(() => closeSync(fd));
  return { file, entry: { path: 'w.bin', fd, state: fileState(fd) } };
}

test('hashDescriptor() hashes the file that is open, not the one that took its name', async (t) => {
  const { file, entry } = watched(t);
  writeFileSync(`${file}.new`, 'EVIL');
  renameSync(`${file}.new`, file);

  assert.equal(await hashDescriptor(entry.fd), sha256Hex('GOOD'));
});

test('an untouched file has no drift', (t) => {
  const { entry } = watched(t);

  assert.equal(findDrift([entry]), null);
  assertNoDrift([entry]);
});

test('an overwrite in place is noticed, even with size and times put back', (t) => {
  const { file, entry } = watched(t);

  writeFileSync(file, 'EVIL');
  utimesSync(file, 1, 1);

  assert.equal(findDrift([entry]), entry);
  assert.throws(() => assertNoDrift([entry]), { code: 'RUNNER_INTEGRITY_DRIFT' });
});

test('a descriptor that is closed counts as drift: what cannot be checked is not fine', (t) => {
  const { entry } = watched(t);

  assert.notEqual(findDrift([{ ...entry, fd: 99_999 }]), null);
});

test('watchIntegrity() reports a change once', async (t) => {
  const { file, entry } = watched(t);
  const reports: string[] = [];
  const first = new Promise<void>((resolve) => {
    const watch = watchIntegrity([entry], 1, (drifted) => {
      reports.push(drifted.path);
      resolve();
    });
    t.after(() => watch.stop());
  });
  const alive = setInterval(() => undefined, 1_000);
  t.after(() => clearInterval(alive));

  writeFileSync(file, 'EVIL');
  await first;

  assert.deepEqual(reports, ['w.bin']);
});
