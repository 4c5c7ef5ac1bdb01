import assert from 'node:assert/strict';
import { test } from 'node:test';

import { generatePrivateKeyPem, publicKeyPem, readSigner, sha256Hex } from '@proofmark/core';

import { createManifest } from '../src/manifest.ts';
import { signModel } from '../src/sign.ts';

test('the bundle carries the hint of the PEM text and no key id, as the specification asks', async () => {
  const signer = readSigner(generatePrivateKeyPem('ecdsa-p384'));
  const manifest = createManifest([{ path: 'a', sizeBytes: 1, sha256: 'a'.repeat(64) }]);

  const bundle = JSON.parse(await signModel({ name: 'm', manifest, signer })) as {
    verificationMaterial: { publicKey: { hint: string } };
    dsseEnvelope: { payload: string; signatures: { keyid: string }[] };
  };
  const payload = JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString()) as {
    predicateType: string;
    predicate: { serialization: { ignore_paths: string[] } };
  };

  assert.equal(
    bundle.verificationMaterial.publicKey.hint,
    sha256Hex(publicKeyPem(signer.publicKey)),
  );
  assert.equal(bundle.dsseEnvelope.signatures[0]?.keyid, '');
  assert.equal(payload.predicateType, 'https://model_signing/signature/v1.0');
  assert.deepEqual(payload.predicate.serialization.ignore_paths, [
    '.git',
    '.gitattributes',
    '.github',
    '.gitignore',
  ]);
});
