import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { ArtifactError } from '../src/errors.ts';
import { hashFile } from '../src/file-hash.ts';
import { copySealed } from '../src/sealed-copy.ts';
import type { CopyRequest } from '../src/sealed-copy.ts';
import { modelFolder } from './model-folder.ts';
import { temporaryFolder } from './temporary-folder.ts';

const CONTENT = 'weights '.repeat(300_000);

function request(change: Partial<CopyRequest> = {}): CopyRequest {
  const source = path.join(realpathSync(modelFolder({ 'w.bin': CONTENT })), 'w.bin');
  const root = temporaryFolder();
  mkdirSync(path.join(root, 'tmp'));
  return {
    source,
    expected: { path: 'w.bin', ...hashFile(source) },
    target: path.join(root, 'sha256', 'ab', 'digest'),
    drafts: path.join(root, 'tmp'),
    onBytes: () => undefined,
    signal: undefined,
    ...change,
  };
}

test('a file of several chunks arrives whole, read-only and alone, and no draft stays', async () => {
  let reported = 0;
  const copy = request({
    onBytes: (count) => {
      reported += count;
    },
  });

  await copySealed(copy);

  assert.equal(readFileSync(copy.target, 'utf8'), CONTENT);
  assert.deepEqual([statSync(copy.target).mode & 0o777, statSync(copy.target).nlink], [0o444, 1]);
  assert.equal(reported, CONTENT.length);
  assert.deepEqual(readdirSync(copy.drafts), []);
});

test('a file of other bytes or another size gets no name', async () => {
  const right = request();
  const wrong = [
    { ...right.expected, sha256: 'a'.repeat(64) },
    { ...right.expected, sizeBytes: 1 },
  ];
  for (const expected of wrong) {
    await assert.rejects(copySealed({ ...right, expected }), coded('ARTIFACT_CONTENT_MISMATCH'));
    assert.throws(() => statSync(right.target));
    assert.deepEqual(readdirSync(right.drafts), []);
  }
});

test('an abort in the middle of a file leaves nothing behind', async () => {
  const controller = new AbortController();
  const copy = request({ onBytes: () => controller.abort(), signal: controller.signal });

  await assert.rejects(copySealed(copy), coded('ARTIFACT_CANCELLED'));
  assert.throws(() => statSync(copy.target));
  assert.deepEqual(readdirSync(copy.drafts), []);
});

test('a listener that throws ends the copy with its error and leaves nothing behind', async () => {
  const copy = request({
    onBytes: () => {
      throw new Error('enough');
    },
  });

  await assert.rejects(copySealed(copy), /enough/);
  assert.deepEqual(readdirSync(copy.drafts), []);
});

function coded(code: string): (error: unknown) => boolean {
  return (error) => error instanceof ArtifactError && error.code === code;
}
