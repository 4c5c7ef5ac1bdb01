import assert from 'node:assert/strict';
import { test } from 'node:test';

import { attach, attached } from '../src/attachment.ts';
import { MANIFEST_TYPE, digestOf } from '../src/descriptor.ts';
import { layoutStore } from '../src/layout-store.ts';
import { writeModel } from '../src/model-manifest.ts';
import { temporaryFolder } from './temporary-folder.ts';

const file = { path: 'a', sizeBytes: 1, sha256: 'c'.repeat(64) };
const [one, two] = ['one', 'two'].map((name) => writeModel(name, [file]).manifest);
assert.ok(one !== undefined && two !== undefined);

test('documents come back by what they are about, and by their type', async () => {
  const store = layoutStore(temporaryFolder());
  for (const model of [one, two]) await store.putManifest(model, MANIFEST_TYPE, null);

  await attach(store, one, 'test/a', Buffer.from('first'));
  await attach(store, one, 'test/a', Buffer.from('second'));
  await attach(store, one, 'test/b', Buffer.from('other type'));
  await attach(store, two, 'test/a', Buffer.from('other model'));

  const found = await attached(store, digestOf(one), 'test/a');
  assert.deepEqual(found.map((bytes) => Buffer.from(bytes).toString()).toSorted(), [
    'first',
    'second',
  ]);
});

test('a list that claims a document of another model is not believed', async () => {
  const store = layoutStore(temporaryFolder());
  for (const model of [one, two]) await store.putManifest(model, MANIFEST_TYPE, null);
  await attach(store, two, 'test/a', Buffer.from('other model'));
  const lying = { ...store, referrers: () => store.referrers(digestOf(two)) };

  assert.deepEqual(await attached(lying, digestOf(one), 'test/a'), []);
});

test('more documents than anybody attaches are refused', async () => {
  const store = layoutStore(temporaryFolder());
  await store.putManifest(one, MANIFEST_TYPE, null);
  await attach(store, one, 'test/a', Buffer.from('first'));
  const [entry] = await store.referrers(digestOf(one));
  assert.ok(entry);
  const flooded = {
    ...store,
    referrers: () => Promise.resolve(Array.from({ length: 65 }, () => entry)),
  };

  await assert.rejects(attached(flooded, digestOf(one), 'test/a'), {
    code: 'OCI_MANIFEST_INVALID',
  });
});

test('documents that claim more bytes than may be held are refused before one is read past that', async () => {
  const store = layoutStore(temporaryFolder());
  await store.putManifest(one, MANIFEST_TYPE, null);
  await attach(store, one, 'test/a', Buffer.from('first'));
  const [entry] = await store.referrers(digestOf(one));
  assert.ok(entry);
  const read: number[] = [];
  const inflated = {
    ...store,
    getManifest: async (digest: string) => {
      const { bytes, ...rest } = await store.getManifest(digest);
      const text = Buffer.from(bytes).toString().replaceAll('"size":5', '"size":300000000');
      return { ...rest, bytes: Buffer.from(text) };
    },
    getBlob: (...given: Parameters<typeof store.getBlob>) => {
      read.push(given[0].size);
      return store.getBlob(...given);
    },
  };

  await assert.rejects(attached(inflated, digestOf(one), 'test/a'), {
    code: 'OCI_MANIFEST_INVALID',
    message: /bytes in documents of one type/,
  });
  assert.deepEqual(read, []);
});
