import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ArtifactError } from '@proofmark/artifact';
import { sha256Hex } from '@proofmark/core';
import { checkModelSignature, manifestText, readManifestText } from '@proofmark/registry';

import { NOW_MS, manifestOf, registration, registryError, signers } from './world.ts';

const manifest = manifestOf();
const text = manifestText(manifest.files);
const { bundle } = await registration();
const trusted = { keys: [signers.release.publicKey], nowMs: NOW_MS };

test('the manifest text is the one whose SHA-256 is the manifest digest, and reads back', () => {
  assert.equal(sha256Hex(text), manifest.manifestDigest);
  assert.deepEqual(readManifestText(text), manifest.files);
});

test('a signature over exactly these files names both digests and the signer', () => {
  assert.deepEqual(checkModelSignature(bundle, text, trusted), {
    manifestDigest: manifest.manifestDigest,
    omsRoot: manifest.omsRoot,
    keyIds: [signers.release.publicKey.keyId],
    signer: null,
  });
});

describe('a model signature does not verify over', () => {
  const files = manifest.files;
  const changed: readonly (readonly [string, string])[] = [
    ['a file of other content', text.replace(files[0]?.sha256 ?? '', 'a'.repeat(64))],
    ['a renamed file', text.replace('README.md', 'READ.md')],
    ['a file of another size', text.replace('3000', '3001')],
    ['a file fewer', manifestText(files.slice(1))],
    ['a file more', manifestText([...files, { path: 'z', sizeBytes: 0, sha256: 'b'.repeat(64) }])],
  ];
  for (const [name, other] of changed) {
    test(name, () => {
      assert.throws(() => checkModelSignature(bundle, other, trusted), ArtifactError);
    });
  }

  test('the same files when the signer is not trusted', () => {
    const stranger = { keys: [signers.stranger.publicKey], nowMs: NOW_MS };

    assert.throws(() => checkModelSignature(bundle, text, stranger), ArtifactError);
  });

  test('a manifest text that is none', () => {
    for (const bad of ['{}', '{"resources":[{"name":"a"}]}', text.replaceAll('sha256', 'md5')]) {
      assert.throws(
        () => checkModelSignature(bundle, bad, trusted),
        registryError('REGISTRY_STORE_CORRUPT'),
      );
    }
  });
});
