/**
 * What every content store must do.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { collect } from '../src/bounded-bytes.ts';
import type { ContentStore, OpenBytes } from '../src/content-store.ts';
import {
  EMPTY_TYPE,
  MANIFEST_TYPE,
  describe as describeBytes,
  digestOf,
} from '../src/descriptor.ts';
import type { Descriptor } from '../src/descriptor.ts';

const opened = (bytes: Uint8Array): OpenBytes =>
  async function* read(from) {
    yield await Promise.resolve(bytes.subarray(from));
  };

function manifestOf(note: string, subject?: Uint8Array): Buffer {
  const config = describeBytes(EMPTY_TYPE, '{}');
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      artifactType: 'test/note',
      config,
      layers: [],
      annotations: { note },
      ...(subject === undefined ? {} : { subject: describeBytes(MANIFEST_TYPE, subject) }),
    }),
  );
}

async function listed(store: ContentStore, digest: string): Promise<readonly Descriptor[]> {
  const pages: (readonly Descriptor[])[] = [];
  for await (const page of store.referrers(digest, 'test/note')) pages.push(page);
  return pages.flat();
}

export function storeContract(name: string, make: () => Promise<ContentStore>): void {
  describe(name, () => {
    const bytes = Buffer.from('some bytes '.repeat(50));
    const descriptor = describeBytes('a/b', bytes);
    const withConfig = async (): Promise<ContentStore> => {
      const store = await make();
      await store.putBlob(describeBytes(EMPTY_TYPE, '{}'), opened(Buffer.from('{}')));
      return store;
    };

    test('a blob is there after it was put, whole and from any byte', async () => {
      const store = await make();
      assert.equal(await store.hasBlob(descriptor), false);

      await store.putBlob(descriptor, opened(bytes));

      assert.equal(await store.hasBlob(descriptor), true);
      assert.equal(await store.hasBlob({ ...descriptor, size: descriptor.size + 1 }), false);
      for (const from of [0, 1, bytes.length - 1]) {
        const got = await collect(store.getBlob(descriptor, from), bytes.length);
        assert.ok(Buffer.from(got).equals(bytes.subarray(from)));
      }
    });

    test('an empty blob is a blob', async () => {
      const store = await make();
      const empty = describeBytes('a/b', '');

      await store.putBlob(empty, opened(Buffer.alloc(0)));

      assert.equal(await store.hasBlob(empty), true);
    });

    test('other bytes than the digest names are not kept', async () => {
      const store = await make();
      const other = Buffer.alloc(bytes.length, 1);

      await assert.rejects(store.putBlob(descriptor, opened(other)), {
        code: 'OCI_DIGEST_MISMATCH',
      });

      assert.equal(await store.hasBlob(descriptor), false);
    });

    test('a tag moves, and two tags may share a manifest', async () => {
      const store = await withConfig();
      const [one, two] = [manifestOf('one'), manifestOf('two')];
      await store.putManifest(one, MANIFEST_TYPE, 'a');
      await store.putManifest(one, MANIFEST_TYPE, 'b');

      await store.putManifest(two, MANIFEST_TYPE, 'a');

      const found = await Promise.all(
        ['a', 'b', digestOf(one)].map((tag) => store.getManifest(tag)),
      );
      assert.deepEqual(
        found.map(({ digest }) => digest),
        [digestOf(two), digestOf(one), digestOf(one)],
      );
      await assert.rejects(store.getManifest('c'), { code: 'OCI_NOT_FOUND' });
      await assert.rejects(store.getManifest(`sha256:${'0'.repeat(64)}`), {
        code: 'OCI_NOT_FOUND',
      });
    });

    test('referrers are found by what they are about', async () => {
      const store = await withConfig();
      const [one, two] = [manifestOf('one'), manifestOf('two')];
      await store.putManifest(one, MANIFEST_TYPE, 'one');
      await store.putManifest(two, MANIFEST_TYPE, null);
      for (const note of ['x', 'y', 'y']) {
        await store.putManifest(manifestOf(note, one), MANIFEST_TYPE, null);
      }

      const found = await listed(store, digestOf(one));

      assert.deepEqual(
        found.map(({ digest }) => digest).toSorted(),
        [digestOf(manifestOf('x', one)), digestOf(manifestOf('y', one))].toSorted(),
      );
      assert.deepEqual([...new Set(found.map((entry) => entry.artifactType))], ['test/note']);
      assert.deepEqual(await listed(store, digestOf(two)), []);
    });

    test('a blob that is not there is said to be missing', async () => {
      const store = await make();

      await assert.rejects(collect(store.getBlob(descriptor, 0), 10), { code: 'OCI_NOT_FOUND' });
    });
  });
}
