import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { BUNDLE_TYPE, attach } from '../src/attachment.ts';
import type { ContentStore } from '../src/content-store.ts';
import { MANIFEST_TYPE, digestOf } from '../src/descriptor.ts';
import { findSignature } from '../src/find-signature.ts';
import type { FoundSignature } from '../src/find-signature.ts';
import { layoutStore } from '../src/layout-store.ts';
import { writeModel } from '../src/model-manifest.ts';
import { signedFolder, strangers, trust } from './model.ts';
import { temporaryFolder } from './temporary-folder.ts';

const signed = await signedFolder();
const files = signed.verified.manifest;
const { manifest } = writeModel('sample', files.files);

async function storeWith(...bundles: readonly Uint8Array[]): Promise<ContentStore> {
  const store = layoutStore(temporaryFolder());
  await store.putManifest(manifest, MANIFEST_TYPE, null);
  for (const bundle of bundles) await attach(store, manifest, BUNDLE_TYPE, bundle);
  return store;
}

const find = (store: ContentStore, who = trust): Promise<FoundSignature> =>
  findSignature(store, digestOf(manifest), files, who);

/** The store with one attachment listed so many times before the others, each time as another. */
function flooded(store: ContentStore, times: number): ContentStore {
  return {
    ...store,
    async *referrers(...about) {
      for await (const page of store.referrers(...about)) {
        const [entry] = page;
        if (entry === undefined) continue;
        yield Array.from({ length: times }, (_, i) => ({
          ...entry,
          digest: `sha256:${`${i}`.padStart(64, '0')}`,
        }));
        yield page;
      }
    },
  };
}

test('the first that verifies is taken, whatever stands beside it', async () => {
  const junk = Array.from({ length: 8 }, (_, i) => Buffer.from(`{"junk":${i}}`));
  const store = await storeWith(...junk, signed.bundle, Buffer.from('never looked at'));

  const { bundle, lookedAt, verified } = await find(store);

  assert.deepEqual(Buffer.from(bundle), Buffer.from(signed.bundle));
  assert.equal(lookedAt, 9);
  assert.equal(verified.manifest.manifestDigest, files.manifestDigest);
});

test('thousands that are not there cannot hide it', async () => {
  const { lookedAt } = await find(flooded(await storeWith(signed.bundle), 4095));

  assert.equal(lookedAt, 4096);
});

describe('where none verifies the reason is told:', () => {
  test('there is none', async () => {
    await assert.rejects(find(await storeWith()), {
      code: 'OCI_SIGNATURE_MISSING',
      message: /no signature bundle/,
    });
  });

  test('of the one that came nearest', async () => {
    const store = await storeWith(Buffer.from('{}'), signed.bundle, Buffer.from('[]'));

    await assert.rejects(find(store, strangers), { code: 'ARTIFACT_SIGNATURE_UNTRUSTED' });
  });

  test('it is larger than one over these files can be, and is not read', async () => {
    await assert.rejects(find(await storeWith(Buffer.alloc(1_200_000, 0x20))), {
      code: 'OCI_MANIFEST_INVALID',
      message: /1200000 bytes/,
    });
  });

  test('more are attached than are looked at', async () => {
    await assert.rejects(find(flooded(await storeWith(signed.bundle), 5000)), {
      code: 'OCI_SIGNATURE_MISSING',
      message: /first 4096 .* more are not looked at.*--signature/,
    });
  });
});

test('a registry that fails is not a model without a signature', async () => {
  const store = await storeWith(signed.bundle);
  const failing: ContentStore = {
    ...store,
    getManifest: () => Promise.reject(Object.assign(new Error('down'), { code: 'ECONNREFUSED' })),
  };

  await assert.rejects(find(failing), { code: 'ECONNREFUSED' });
});
