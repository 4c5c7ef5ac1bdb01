import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';

import {
  CoreError,
  generatePrivateKeyPem,
  publicKey,
  publicKeyPem,
  readPublicKey,
  readSigner,
  sha256Hex,
  verifySignature,
} from '@proofmark/core';
import type { KeyAlgorithm } from '@proofmark/core';

const algorithms: readonly KeyAlgorithm[] = ['ed25519', 'ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521'];

for (const algorithm of algorithms) {
  test(`a new ${algorithm} key signs, and its public half verifies`, async () => {
    const signer = readSigner(generatePrivateKeyPem(algorithm));
    const reread = readPublicKey(publicKeyPem(signer.publicKey));
    const data = Buffer.from('bytes to sign');

    const signature = await signer.sign(data);

    assert.equal(reread.algorithm, algorithm);
    assert.equal(reread.keyId, signer.publicKey.keyId);
    assert.ok(verifySignature(reread, data, signature));
    assert.ok(!verifySignature(reread, Buffer.from('other bytes'), signature));
    assert.ok(!verifySignature(reread, data, signature.subarray(0, 10)));
    assert.ok(!verifySignature(reread, data, new Uint8Array(0)));
  });
}

test('the key id is the SHA-256 of the DER SubjectPublicKeyInfo', () => {
  const { publicKey: keyObject } = generateKeyPairSync('ed25519');

  assert.equal(
    publicKey(keyObject).keyId,
    sha256Hex(keyObject.export({ type: 'spki', format: 'der' })),
  );
});

test('a signature of another key does not verify', async () => {
  const [a, b] = [generatePrivateKeyPem('ed25519'), generatePrivateKeyPem('ed25519')].map((pem) =>
    readSigner(pem),
  );
  assert.ok(a && b);

  assert.ok(!verifySignature(b.publicKey, Buffer.from('x'), await a.sign(Buffer.from('x'))));
});

describe('keys that are refused', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const secp256k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
  const refused: readonly (readonly [string, () => unknown])[] = [
    ['RSA', () => publicKey(rsa.publicKey)],
    ['a curve that model signatures do not allow', () => publicKey(secp256k1.publicKey)],
    ['text that is not PEM', () => readPublicKey('not a key')],
    [
      'a public key where a private one is needed',
      () => readSigner(rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()),
    ],
    [
      'an encrypted key with a wrong passphrase',
      () =>
        readSigner(
          generateKeyPairSync('ed25519')
            .privateKey.export({
              type: 'pkcs8',
              format: 'pem',
              cipher: 'aes-256-cbc',
              passphrase: 'right',
            })
            .toString(),
          'wrong',
        ),
    ],
  ];
  for (const [name, read] of refused) {
    test(name, () => {
      assert.throws(read, (e) => e instanceof CoreError && e.code === 'CORE_KEY_INVALID');
    });
  }
});
