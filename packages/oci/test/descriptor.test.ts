import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { describe as describeBytes, parseIndex, parseManifest } from '../src/descriptor.ts';

const layer = { mediaType: 'a/b', digest: `sha256:${'a'.repeat(64)}`, size: 3 };
const good = { schemaVersion: 2, config: layer, layers: [layer], artifactType: 'x/y' };
const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

test('config, layers, subject and annotations are read', () => {
  const manifest = parseManifest(bytes({ ...good, subject: layer, annotations: { a: 'b' } }));

  assert.deepEqual(manifest.layers, [{ ...layer, annotations: {} }]);
  assert.equal(manifest.subject?.digest, layer.digest);
  assert.deepEqual([manifest.artifactType, manifest.annotations], ['x/y', { a: 'b' }]);
});

test('bytes are described by length and SHA-256', () => {
  assert.deepEqual(describeBytes('a/b', '\u00e9'), {
    mediaType: 'a/b',
    digest: 'sha256:4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c',
    size: 2,
  });
});

describe('a manifest is refused', () => {
  const cases: readonly (readonly [string, Buffer])[] = [
    ['of another schema version', bytes({ ...good, schemaVersion: 1 })],
    [
      'that says it is an index',
      bytes({ ...good, mediaType: 'application/vnd.oci.image.index.v1+json' }),
    ],
    ['without layers', bytes({ ...good, layers: undefined })],
    [
      'with a digest of another algorithm',
      bytes({ ...good, layers: [{ ...layer, digest: 'md5:00' }] }),
    ],
    ['with a negative size', bytes({ ...good, layers: [{ ...layer, size: -1 }] })],
    ['with a size that is a text', bytes({ ...good, layers: [{ ...layer, size: '3' }] })],
    ['with an annotation that is no text', bytes({ ...good, annotations: { a: 1 } })],
    ['with a key twice', Buffer.from('{"schemaVersion":2,"schemaVersion":2}')],
    ['that is no JSON', Buffer.from('no')],
  ];
  for (const [name, text] of cases) {
    test(name, () => {
      assert.throws(() => parseManifest(text), { code: 'OCI_MANIFEST_INVALID' });
    });
  }
});

test('an index lists descriptors, and a manifest is none', () => {
  assert.equal(parseIndex(bytes({ schemaVersion: 2, manifests: [layer] })).length, 1);
  assert.throws(() => parseIndex(bytes(good)), { code: 'OCI_MANIFEST_INVALID' });
});
