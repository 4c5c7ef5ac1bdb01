import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openCheckpoint } from '../src/checkpoint.ts';
import type { TlogError } from '../src/errors.ts';
import { openLog } from '../src/log.ts';
import { memoryLock } from '../src/memory-lock.ts';
import { Publisher } from '../src/publisher.ts';
import type { Cosigner } from '../src/publisher.ts';
import type { LogStorage } from '../src/storage.ts';
import { NOW_MS, ORIGIN, present, testEntries, testFolder, utf8 } from './world.ts';
import { checkpointOf, logKey, logSigner } from './witness-world.ts';

/** Storage of one file, in memory. */
function fileStorage(): LogStorage & { file: Uint8Array | null; removed: string[]; fail: boolean } {
  const storage = {
    file: null as Uint8Array | null,
    removed: [] as string[],
    fail: false,
    read: () => Promise.resolve(storage.file),
    write: (files: readonly { bytes: Uint8Array }[]) => {
      if (storage.fail) return Promise.reject(new Error('disk full'));
      storage.file = present(files[0]).bytes;
      return Promise.resolve();
    },
    removeFolder: (path: string) => {
      storage.removed.push(path);
      return Promise.resolve();
    },
  };
  return storage;
}

function publisherOf(cosign: Cosigner | null = null) {
  const storage = fileStorage();
  const failures: TlogError[] = [];
  const publisher = new Publisher({
    storage,
    lock: memoryLock(),
    key: logKey,
    clock: () => NOW_MS,
    cosign,
    prove: () => Promise.resolve([]),
    onFailure: (error) => failures.push(error),
  });
  const size = (): number => openCheckpoint(present(storage.file), [logKey]).size;
  return { storage, publisher, failures, size };
}

test('what was submitted last is published, and folders of every submission are removed', async () => {
  const { publisher, storage, size } = publisherOf();

  publisher.submit(await checkpointOf(1), ['a']);
  publisher.submit(await checkpointOf(2), ['b']);
  publisher.submit(await checkpointOf(3), ['c']);
  await publisher.idle();

  assert.equal(size(), 3);
  assert.deepEqual(storage.removed, ['a', 'b', 'c']);
  assert.equal(publisher.latest?.checkpoint.size, 3);
  assert.equal(publisher.latest?.atMs, NOW_MS);
});

test('an older checkpoint never replaces a newer one, an equal one may', async () => {
  const { publisher, storage, size } = publisherOf();
  storage.file = await checkpointOf(5);

  publisher.submit(await checkpointOf(4), []);
  await publisher.idle();
  assert.equal(size(), 5);

  const cosigned = Buffer.concat([await checkpointOf(5), utf8('\u2014 other AAAAAAA=\n')]);
  publisher.submit(cosigned, []);
  await publisher.idle();
  assert.deepEqual(storage.file, cosigned);
});

test('a file that is not this log’s checkpoint is replaced, whatever it claims', async () => {
  const { publisher, storage, size } = publisherOf();
  storage.file = utf8('example.com/log\n999999\nAAAA\n\n\u2014 example.com/log AAAAAAA=\n');

  publisher.submit(await checkpointOf(1), []);
  await publisher.idle();

  assert.equal(size(), 1);
});

test('a failure is told, keeps the folders for later, and does not stop the next one', async () => {
  const { publisher, storage, failures, size } = publisherOf();
  storage.fail = true;
  publisher.submit(await checkpointOf(1), ['a']);
  await publisher.idle();
  assert.equal(failures[0]?.code, 'TLOG_PUBLISH_FAILED');
  assert.equal(publisher.latest, null);
  assert.deepEqual(storage.removed, []);

  storage.fail = false;
  publisher.submit(await checkpointOf(2), ['b']);
  await publisher.idle();

  assert.equal(size(), 2);
  assert.equal(failures.length, 1);
  assert.deepEqual(storage.removed, ['a', 'b']);

  publisher.submit(await checkpointOf(3), ['c']);
  await publisher.idle();
  assert.deepEqual(storage.removed, ['a', 'b', 'c'], 'each once');
});

test('without cosignatures nothing is published', async () => {
  const { publisher, storage, failures } = publisherOf(() =>
    Promise.reject(new Error('no quorum')),
  );

  publisher.submit(await checkpointOf(1), []);
  await publisher.idle();

  assert.equal(storage.file, null);
  assert.equal(failures.length, 1);
});

test('a log tells how much is committed and published, and since when', async (t) => {
  let now = 1000;
  const options = {
    directory: testFolder(t),
    origin: ORIGIN,
    signer: logSigner,
    lock: memoryLock(),
    clock: () => now,
  };
  const log = await openLog(options);
  assert.deepEqual(log.status(), {
    size: 0,
    committedAtMs: 1000,
    publishedSize: 0,
    publishedAtMs: 1000,
  });
  await log.published();

  now = 2000;
  await log.append(testEntries(3));
  await log.published();

  assert.deepEqual(log.status(), {
    size: 3,
    committedAtMs: 2000,
    publishedSize: 3,
    publishedAtMs: 2000,
  });
  now = 3000;
  const again = await openLog(options);
  // Found published: nothing has to be written.
  const found = { size: 3, committedAtMs: 3000, publishedSize: 3, publishedAtMs: 3000 };
  assert.deepEqual(again.status(), found);
  now = 4000;
  await again.published();
  assert.deepEqual(again.status(), found);
});
