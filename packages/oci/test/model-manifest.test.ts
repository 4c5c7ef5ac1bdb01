import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { createManifest } from '@proofmark/artifact';

import { layerOf, readModel, writeModel } from '../src/model-manifest.ts';

const sha256 = 'b'.repeat(64);
const files = createManifest([
  { path: 'README.md', sizeBytes: 4, sha256 },
  { path: 'model.safetensors', sizeBytes: 9, sha256 },
  { path: 'tokenizer.json', sizeBytes: 0, sha256 },
  { path: 'code/run.py', sizeBytes: 1, sha256 },
]);

test('what is written is read again, to the same manifest digest', () => {
  const { manifest } = writeModel('m', files.files);

  const model = readModel(manifest);

  assert.equal(model.files.manifestDigest, files.manifestDigest);
  assert.equal(model.layers.get('tokenizer.json')?.size, 0);
});

test('files are layers of the kind that the specification has for them', () => {
  const kinds = files.files.map((file) => [file.path, layerOf(file).mediaType.split('.v1')[0]]);

  assert.deepEqual(Object.fromEntries(kinds), {
    'README.md': 'application/vnd.cncf.model.doc',
    'code/run.py': 'application/vnd.cncf.model.code',
    'model.safetensors': 'application/vnd.cncf.model.weight',
    'tokenizer.json': 'application/vnd.cncf.model.weight.config',
  });
});

describe('a model is refused', () => {
  const text = writeModel('m', files.files).manifest.toString();
  const cases: readonly (readonly [string, string, string])[] = [
    [
      'that climbs out of its folder',
      text.replace('README.md', '../README.md'),
      'ARTIFACT_PATH_ESCAPES_ROOT',
    ],
    [
      'with an absolute path',
      text.replace('README.md', '/etc/passwd'),
      'ARTIFACT_PATH_ESCAPES_ROOT',
    ],
    ['with a file twice', text.replace('README.md', 'tokenizer.json'), 'OCI_MANIFEST_INVALID'],
    [
      'with a file below a file',
      text.replace('README.md', 'tokenizer.json/x'),
      'ARTIFACT_PATH_ESCAPES_ROOT',
    ],
    ['with an archive', text.replace('weight.v1.raw', 'weight.v1.tar'), 'OCI_MANIFEST_INVALID'],
    [
      'with a compressed layer',
      text.replace('doc.v1.raw', 'doc.v1.tar+gzip'),
      'OCI_MANIFEST_INVALID',
    ],
    [
      'with a layer that names no file',
      text.replace('org.cncf.model.filepath', 'other'),
      'OCI_MANIFEST_INVALID',
    ],
    [
      'of another kind',
      text.replace('vnd.cncf.model.manifest', 'vnd.other.manifest'),
      'OCI_MANIFEST_INVALID',
    ],
    ['without files', text.replace(/"layers":\[.*\]/, '"layers":[]'), 'OCI_MANIFEST_INVALID'],
  ];
  for (const [name, changed, code] of cases) {
    test(name, () => {
      assert.notEqual(changed, text);
      assert.throws(() => readModel(Buffer.from(changed)), { code });
    });
  }
});
