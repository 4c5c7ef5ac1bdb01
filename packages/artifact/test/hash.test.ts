import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { ArtifactError } from '../src/errors.ts';
import { hashFolder } from '../src/hash.ts';
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
    (e) => e instanceof ArtifactError && e.code === 'ARTIFACT_CANCELLED',
  );
  await assert.rejects(
    hashFolder(modelFolder(), { signal: AbortSignal.abort() }),
    (e) => e instanceof ArtifactError && e.code === 'ARTIFACT_CANCELLED',
  );
});
