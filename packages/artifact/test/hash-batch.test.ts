import assert from 'node:assert/strict';
import { realpathSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { sha256Hex } from '@proofmark/core';

import { ArtifactError } from '../src/errors.ts';
import { hashFile } from '../src/file-hash.ts';
import { hashBatch } from '../src/hash-batch.ts';
import { modelFolder } from './model-folder.ts';

/** Large enough to be read ahead. */
const LARGE = 70 * 1024 * 1024;

test('files small and large are hashed in the order given, under their numbers', async () => {
  const folder = realpathSync(modelFolder({ a: 'first', b: 'second' }));
  const large = path.join(folder, 'large');
  writeFileSync(large, 'x');
  truncateSync(large, LARGE);
  const seen = new Map<number, number>();

  const hashed = await hashBatch(
    [
      { id: 4, absolute: large, sizeBytes: LARGE },
      { id: 2, absolute: path.join(folder, 'b'), sizeBytes: 6 },
      { id: 0, absolute: path.join(folder, 'a'), sizeBytes: 5 },
    ],
    (id, count) => seen.set(id, (seen.get(id) ?? 0) + count),
  );

  assert.deepEqual(hashed, [
    { id: 4, ...hashFile(large) },
    { id: 2, sha256: sha256Hex('second'), sizeBytes: 6 },
    { id: 0, sha256: sha256Hex('first'), sizeBytes: 5 },
  ]);
  assert.deepEqual(Object.fromEntries(seen), { 0: 5, 2: 6, 4: LARGE });
});

test('whoever hears of a chunk can stop the work', async () => {
  const folder = realpathSync(modelFolder({ a: 'first', b: 'second' }));
  const tasks = ['a', 'b'].map((name, id) => ({
    id,
    absolute: path.join(folder, name),
    sizeBytes: 1,
  }));
  const seen: number[] = [];

  await assert.rejects(
    hashBatch(tasks, (id) => {
      seen.push(id);
      throw new Error('enough');
    }),
    /enough/,
  );
  assert.deepEqual(seen, [0]);
});

test('other work has its turn while a batch is hashed', async () => {
  const folder = realpathSync(modelFolder({ a: 'x'.repeat(2 << 20), b: 'y'.repeat(2 << 20) }));
  const tasks = ['a', 'b'].map((name, id) => ({
    id,
    absolute: path.join(folder, name),
    sizeBytes: 1,
  }));
  let turns = 0;
  const other = (): void => {
    turns += 1;
    timer = setImmediate(other);
  };
  let timer = setImmediate(other);

  await hashBatch(tasks, () => undefined);
  clearImmediate(timer);

  assert.ok(turns >= 2, `${turns}`);
});

test('a file that cannot be read ends the batch with its code', async () => {
  await assert.rejects(
    hashBatch([{ id: 0, absolute: '/nonexistent', sizeBytes: 1 }], () => undefined),
    (e) => e instanceof ArtifactError && e.code === 'ARTIFACT_UNREADABLE',
  );
});
