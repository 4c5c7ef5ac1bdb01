import assert from 'node:assert/strict';
import { test } from 'node:test';

import { attach, visitAttached } from '../src/attachment.ts';
import type { Attachment, AttachmentLimits, Visited } from '../src/attachment.ts';
import type { ContentStore } from '../src/content-store.ts';
import { MANIFEST_TYPE, digestOf } from '../src/descriptor.ts';
import type { Descriptor } from '../src/descriptor.ts';
import { layoutStore } from '../src/layout-store.ts';
import { writeModel } from '../src/model-manifest.ts';
import { temporaryFolder } from './temporary-folder.ts';

const file = { path: 'a', sizeBytes: 1, sha256: 'c'.repeat(64) };
const [one, two] = ['one', 'two'].map((name) => writeModel(name, [file]).manifest);
assert.ok(one !== undefined && two !== undefined);
const model = one;
const LIMITS = { documents: 3, documentBytes: 20, totalBytes: 30 };

async function storeWith(...documents: readonly string[]): Promise<ContentStore> {
  const store = layoutStore(temporaryFolder());
  await store.putManifest(model, MANIFEST_TYPE, null);
  for (const text of documents) await attach(store, model, 'test/a', Buffer.from(text));
  return store;
}

async function visit(
  store: ContentStore,
  limits: AttachmentLimits = LIMITS,
  wantsMore: (text: string) => boolean = () => true,
): Promise<{ readonly seen: readonly string[]; readonly visited: Visited }> {
  const seen: string[] = [];
  const textOf = (found: Attachment): string =>
    'document' in found ? Buffer.from(found.document).toString() : found.fault.code;
  const visited = await visitAttached(
    store,
    { digest: digestOf(model), type: 'test/a' },
    limits,
    (found) => {
      seen.push(textOf(found));
      return wantsMore(textOf(found));
    },
  );
  return { seen, visited };
}

/** The store, with lists of referrers of somebody's own making. */
function listing(store: ContentStore, pages: () => Iterable<readonly Descriptor[]>): ContentStore {
  return {
    ...store,
    async *referrers() {
      await Promise.resolve();
      yield* pages();
    },
  };
}

async function entries(store: ContentStore, digest: string): Promise<readonly Descriptor[]> {
  const pages: (readonly Descriptor[])[] = [];
  for await (const page of store.referrers(digest, 'test/a')) pages.push(page);
  return pages.flat();
}

test('documents come back by what they are about, and by their type', async () => {
  const store = await storeWith('first', 'second');
  await store.putManifest(two, MANIFEST_TYPE, null);
  await attach(store, one, 'test/b', Buffer.from('other type'));
  await attach(store, two, 'test/a', Buffer.from('other model'));

  const { seen, visited } = await visit(store);

  assert.deepEqual(seen.toSorted(), ['first', 'second']);
  assert.deepEqual(visited, { lookedAt: 2, isComplete: true });
});

test('nothing is dropped in silence: another model, no document, other bytes, no manifest', async () => {
  const store = await storeWith('good');
  await store.putManifest(two, MANIFEST_TYPE, null);
  await attach(store, two, 'test/a', Buffer.from('other model'));
  const [good] = await entries(store, digestOf(one));
  const [foreign] = await entries(store, digestOf(two));
  assert.ok(good && foreign);
  const bare = Buffer.from(
    JSON.stringify({
      ...(JSON.parse(
        Buffer.from((await store.getManifest(good.digest)).bytes).toString(),
      ) as object),
      layers: [],
    }),
  );
  await store.putManifest(bare, MANIFEST_TYPE, null);
  const lost = { ...good, digest: `sha256:${'0'.repeat(64)}` };
  const empty = { ...good, digest: digestOf(bare) };
  const lying = listing(store, () => [[foreign, empty], [lost], [good, good]]);

  const { seen, visited } = await visit(lying, { ...LIMITS, documents: 9 });

  assert.deepEqual(seen, ['OCI_MANIFEST_INVALID', 'OCI_MANIFEST_INVALID', 'OCI_NOT_FOUND', 'good']);
  assert.deepEqual(visited, { lookedAt: 4, isComplete: true });
});

test('more than the limit is not looked at, which is told', async () => {
  const { seen, visited } = await visit(await storeWith('1', '2', '3', '4'));

  assert.equal(seen.length, 3);
  assert.deepEqual(visited, { lookedAt: 3, isComplete: false });
});

test('whoever has what they wanted asks for no more', async () => {
  const store = await storeWith('1', '2', '3');

  const { visited } = await visit(store, LIMITS, (text) => text !== '2');

  assert.deepEqual(visited, { lookedAt: 2, isComplete: false });
});

test('a document that is too large is not read, and hides no other', async () => {
  const store = await storeWith('x'.repeat(21), 'good');
  const read: number[] = [];
  const watched: ContentStore = {
    ...store,
    getBlob: (...given) => {
      read.push(given[0].size);
      return store.getBlob(...given);
    },
  };

  const { seen } = await visit(watched);

  assert.deepEqual(seen, ['OCI_MANIFEST_INVALID', 'good']);
  assert.deepEqual(read, [4]);
});

test('all documents together are bounded', async () => {
  const { seen, visited } = await visit(await storeWith('x'.repeat(15), 'y'.repeat(15), 'z'));

  assert.equal(seen.length, 2);
  assert.equal(visited.isComplete, false);
});

test('a list of empty pages without end is left', async () => {
  const store = listing(await storeWith(), function* endless() {
    for (;;) yield [];
  });

  const { visited } = await visit(store);

  assert.deepEqual(visited, { lookedAt: 0, isComplete: false });
});
