import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { ServeError } from '../../src/model-server/errors.ts';
import { readFolder } from '../../src/model-server/folder-files.ts';

const root = mkdtempSync(path.join(tmpdir(), 'proofmark-files-'));
after(() => rmSync(root, { recursive: true }));

const isInvalid = (e: unknown): boolean => e instanceof ServeError && e.code === 'model_invalid';

test('a file has the same digest whether it is kept or hashed in pieces', () => {
  const folder = mkdtempSync(path.join(root, 'a-'));
  mkdirSync(path.join(folder, 'onnx'));
  const files = new Map([
    ['empty', Buffer.alloc(0)],
    ['one chunk', randomBytes(1024 * 1024)],
    ['onnx/more', randomBytes(2 * 1024 * 1024 + 3)],
  ]);
  for (const [name, bytes] of files) writeFileSync(path.join(folder, name), bytes);
  const expected = Object.fromEntries(
    Array.from(files, ([name, bytes]) => [name, createHash('sha256').update(bytes).digest('hex')]),
  );

  assert.deepEqual(readFolder(folder, () => true).digests, expected);
  assert.deepEqual(readFolder(folder, () => false).digests, expected);
});

test('what is kept are the bytes that were hashed; nothing else can be taken', () => {
  const folder = mkdtempSync(path.join(root, 'b-'));
  for (const name of ['a.json', 'b.json']) writeFileSync(path.join(folder, name), '{"a":1}');

  const files = readFolder(folder, (name) => name === 'a.json');
  writeFileSync(path.join(folder, 'a.json'), '{"a":2}');

  assert.deepEqual(files.json('a.json'), { a: 1 });
  assert.throws(() => files.take('b.json'), isInvalid);
  assert.throws(() => files.take('c.json'), isInvalid);
});

test('a link stops the load, also a large one that would only be hashed', () => {
  const folder = mkdtempSync(path.join(root, 'c-'));
  symlinkSync('/etc/hostname', path.join(folder, 'model.onnx.data'));

  assert.throws(() => readFolder(folder, () => false), isInvalid);
});
