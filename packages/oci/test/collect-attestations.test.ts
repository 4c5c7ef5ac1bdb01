import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Signer } from '@proofmark/core';

import { ATTESTATION_TYPE, attach } from '../src/attachment.ts';
import { collectAttestations } from '../src/collect-attestations.ts';
import type { CollectedAttestations } from '../src/collect-attestations.ts';
import type { ContentStore } from '../src/content-store.ts';
import { MANIFEST_TYPE, digestOf } from '../src/descriptor.ts';
import { layoutStore } from '../src/layout-store.ts';
import { writeModel } from '../src/model-manifest.ts';
import { attest, signer, stranger, trust } from './model.ts';
import { temporaryFolder } from './temporary-folder.ts';

const { manifest } = writeModel('m', [{ path: 'a', sizeBytes: 1, sha256: 'c'.repeat(64) }]);
const model = { manifestDigest: 'a'.repeat(64), ociDigest: digestOf(manifest) };
const by = async (who: Signer, digest = model.manifestDigest): Promise<Buffer> =>
  Buffer.from(JSON.stringify(await attest(who, { manifest: digest })));
const good = await by(signer);
const elsewhere = await by(signer, 'd'.repeat(64));
const unknown = await by(stranger);
const changed = Buffer.from(good.toString().replace(/"payload":"[^"]+"/, '"payload":"e30="'));

async function storeWith(...documents: readonly Buffer[]): Promise<ContentStore> {
  const store = layoutStore(temporaryFolder());
  await store.putManifest(manifest, MANIFEST_TYPE, null);
  for (const document of documents) await attach(store, manifest, ATTESTATION_TYPE, document);
  return store;
}

const look = (store: ContentStore, required: boolean): Promise<CollectedAttestations> =>
  collectAttestations(store, model, { trust, required });

describe('an attestation beside a good one that is', () => {
  const cases = [
    ['changed', changed, 'OCI_ATTESTATION_TAMPERED', 'always'],
    ['of another model', elsewhere, 'OCI_ATTESTATION_SUBJECT_MISMATCH', 'always'],
    ['by a stranger', unknown, 'OCI_ATTESTATION_UNTRUSTED', 'where required'],
    ['none', Buffer.from('{}'), 'OCI_ATTESTATION_INVALID', 'where required'],
  ] as const;
  for (const [name, document, code, when] of cases) {
    test(`${name} refuses the model ${when}`, async () => {
      const store = await storeWith(good, document);

      await assert.rejects(look(store, true), { code });
      if (when === 'always') return assert.rejects(look(store, false), { code });
      const { judged, isComplete } = await look(store, false);

      assert.equal(isComplete, true);
      assert.deepEqual(
        judged.map((one) => [one.code, one.document]),
        [
          [null, good],
          [code, null],
        ],
      );
    });
  }
});

test('none refuses the model where one is required', async () => {
  const store = await storeWith();

  await assert.rejects(look(store, true), { code: 'OCI_ATTESTATION_MISSING' });
  assert.deepEqual(await look(store, false), { judged: [], isComplete: true });
  assert.equal((await look(await storeWith(good), true)).judged.length, 1);
});

test('more than are looked at is told, and is not enough where all are required', async () => {
  const store = await storeWith(good);
  const flooded: ContentStore = {
    ...store,
    async *referrers(...about) {
      for await (const page of store.referrers(...about)) {
        const [entry] = page;
        if (entry === undefined) continue;
        yield page;
        yield Array.from({ length: 1100 }, (_, i) => ({
          ...entry,
          digest: `sha256:${`${i}`.padStart(64, '0')}`,
        }));
      }
    },
  };

  const { judged, isComplete } = await look(flooded, false);

  assert.deepEqual([judged.length, isComplete, judged[0]?.standing], [1024, false, 'trusted']);
  await assert.rejects(look(flooded, true), { code: 'OCI_ATTESTATION_INVALID' });
});
