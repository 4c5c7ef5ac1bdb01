import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { MANIFEST_TYPE, describe, digestOf } from '../src/descriptor.ts';
import { layoutStore } from '../src/layout-store.ts';
import { storeContract } from './store-contract.ts';
import { temporaryFolder } from './temporary-folder.ts';

storeContract('a layout folder', () => Promise.resolve(layoutStore(temporaryFolder())));

const manifest = Buffer.from(
  JSON.stringify({ schemaVersion: 2, config: describe('a/b', '{}'), layers: [] }),
);

test('the folder says what it is, and holds no draft', async () => {
  const folder = temporaryFolder();

  await layoutStore(folder).putManifest(manifest, MANIFEST_TYPE, '1');

  assert.equal(
    readFileSync(path.join(folder, 'oci-layout'), 'utf8'),
    '{"imageLayoutVersion":"1.0.0"}',
  );
  assert.deepEqual(readdirSync(folder).toSorted(), ['blobs', 'index.json', 'oci-layout']);
});

test('a second writer is refused, and a manifest that was changed on disk too', async () => {
  const folder = temporaryFolder();
  const store = layoutStore(folder);
  await store.putManifest(manifest, MANIFEST_TYPE, '1');
  writeFileSync(path.join(folder, 'index.json.lock'), '');
  await assert.rejects(store.putManifest(manifest, MANIFEST_TYPE, '2'), {
    code: 'OCI_TARGET_EXISTS',
  });

  const hex = digestOf(manifest).slice(7);
  writeFileSync(path.join(folder, 'blobs', 'sha256', hex), `${manifest.toString()} `);

  await assert.rejects(store.getManifest('1'), { code: 'OCI_DIGEST_MISMATCH' });
});
