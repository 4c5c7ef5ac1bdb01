import assert from 'node:assert/strict';
import { realpathSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { ArtifactError } from '../src/errors.ts';
import { hashFiles, hashFolder } from '../src/hash.ts';
import { walkFolder } from '../src/walk.ts';
import { modelFolder } from './model-folder.ts';

function large(): string {
  const folder = modelFolder();
  for (const name of ['a.bin', 'b.bin', 'c.bin']) {
    writeFileSync(path.join(folder, name), Buffer.alloc(10 * 1024 * 1024, name));
  }
  return folder;
}

test('worker threads give the manifest that one thread gives, and the same progress', async () => {
  const folder = large();
  const seen: number[] = [];

  const one = await hashFolder(folder, { threads: 1 });
  const two = await hashFolder(folder, {
    threads: 2,
    onProgress: ({ bytesDone }) => seen.push(bytesDone),
  });

  assert.deepEqual(two, one);
  assert.equal(seen.at(-1), one.totalBytes);
  assert.deepEqual(
    seen,
    seen.toSorted((a, b) => a - b),
  );
});

test('an abort ends hashing with its own code', async () => {
  const folder = large();

  await assert.rejects(
    hashFolder(folder, { threads: 2, signal: AbortSignal.abort() }),
    coded('ARTIFACT_CANCELLED'),
  );
  await assert.rejects(
    hashFolder(modelFolder(), { signal: AbortSignal.abort() }),
    coded('ARTIFACT_CANCELLED'),
  );
});

test('an abort ends hashing in the middle of a file', async () => {
  const folder = modelFolder({});
  writeFileSync(path.join(folder, 'huge.bin'), '');
  truncateSync(path.join(folder, 'huge.bin'), 4 * 1024 ** 3);
  const controller = new AbortController();
  let bytes = 0;

  await assert.rejects(
    hashFolder(folder, {
      signal: controller.signal,
      onProgress: ({ bytesDone }) => {
        bytes = bytesDone;
        controller.abort();
      },
    }),
    coded('ARTIFACT_CANCELLED'),
  );
  assert.ok(bytes > 0 && bytes < 1024 ** 3, `${bytes}`);
});

test('a worker that cannot read a file names it', async () => {
  const folder = realpathSync(large());
  const absolute = path.join(folder, 'b.bin');
  const files = walkFolder(folder);
  rmSync(absolute);

  await assert.rejects(hashFiles(files), (error) => {
    assert.ok(error instanceof ArtifactError);
    assert.equal(error.code, 'ARTIFACT_UNREADABLE');
    assert.match(error.message, /b\.bin/);
    return true;
  });
});

test('progress names the file that the bytes were of', async () => {
  const seen = new Set<string>();

  await hashFolder(modelFolder(), { onProgress: ({ file }) => seen.add(file) });

  assert.deepEqual([...seen].toSorted(), [
    'config.json',
    'weights/part-1.bin',
    'weights/part-2.bin',
  ]);
});

function coded(code: string): (error: unknown) => boolean {
  return (error) => error instanceof ArtifactError && error.code === code;
}
