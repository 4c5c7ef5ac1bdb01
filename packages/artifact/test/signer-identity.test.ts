import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  IN_TOTO_PAYLOAD_TYPE,
  generatePrivateKeyPem,
  publicKey,
  readSigner,
  signEnvelope,
} from '@proofmark/core';
import type { Signer } from '@proofmark/core';

import type { SignatureBundle, VerificationMaterial } from '../src/bundle.ts';
import { ArtifactError } from '../src/errors.ts';
import { verifySigner } from '../src/signer-identity.ts';
import { makeChain } from './certificates.ts';

const signer = readSigner(generatePrivateKeyPem('ecdsa-p256'));
const stranger = readSigner(generatePrivateKeyPem('ecdsa-p256'));
const payload = Buffer.from('{"a":\'quoted\\n\'}\u00e9');

async function bundleOf(
  by: Signer,
  material: VerificationMaterial = { kind: 'key', hint: null },
): Promise<SignatureBundle> {
  return { material, envelope: await signEnvelope(IN_TOTO_PAYLOAD_TYPE, payload, [by]) };
}

/** As release 0.2.0 of the reference signed: its own prefix, and Python's notation of the bytes. */
async function legacyBundle(by: Signer): Promise<SignatureBundle> {
  const written = `b"{\\"a\\":'quoted\\\\n'}\\xc3\\xa9"`
    .replaceAll('\\"', '"')
    .replace(/^b"|"$/g, '');
  const python = `b'${written.replaceAll("'", "\\'")}'`;
  const covered = `DSSEV1 ${IN_TOTO_PAYLOAD_TYPE.length} ${IN_TOTO_PAYLOAD_TYPE} ${payload.length} ${python}`;
  const sig = Buffer.from(await by.sign(Buffer.from(covered))).toString('base64');
  return {
    material: { kind: 'key', hint: null },
    envelope: {
      payloadType: IN_TOTO_PAYLOAD_TYPE,
      payload: payload.toString('base64'),
      signatures: [{ sig, keyid: '' }],
    },
  };
}

test('the trusted key that signed is named, whatever the hint says', async () => {
  const bundle = await bundleOf(signer, { kind: 'key', hint: 'f'.repeat(64) });

  const signed = verifySigner(bundle, {
    keys: [stranger.publicKey, signer.publicKey],
    nowMs: 0,
  });

  assert.deepEqual(signed.signer, { method: 'key', keyId: signer.publicKey.keyId });
  assert.deepEqual(Buffer.from(signed.payload), payload);
  assert.equal(signed.isLegacy, false);
});

test('a certificate names its subject and its key', async () => {
  const { root, chain, signer: certified } = makeChain({ curve: 'secp384r1' });
  const bundle = await bundleOf(certified, { kind: 'certificate', chain });

  const signed = verifySigner(bundle, {
    keys: [],
    certificates: [{ roots: [root] }],
    nowMs: Date.now() + 60_000,
  });

  assert.equal(signed.signer.keyId, certified.publicKey.keyId);
  assert.equal(signed.signer.method === 'certificate' && signed.signer.subject, 'CN=leaf');
});

describe('a signer is refused', () => {
  test('who is not trusted', async () => {
    const bundle = await bundleOf(stranger);

    assert.throws(
      () => verifySigner(bundle, { keys: [signer.publicKey], nowMs: 0 }),
      coded('ARTIFACT_SIGNATURE_UNTRUSTED'),
    );
  });

  test('whose certificate is good and whose signature is another key’s', async () => {
    const { root, chain } = makeChain();
    const bundle = await bundleOf(signer, { kind: 'certificate', chain });

    assert.throws(
      () =>
        verifySigner(bundle, {
          keys: [signer.publicKey],
          certificates: [{ roots: [root] }],
          nowMs: Date.now() + 60_000,
        }),
      coded('ARTIFACT_SIGNATURE_UNTRUSTED'),
    );
  });

  test('who signed with Ed25519, even when that key is trusted', async () => {
    const ed = readSigner(generatePrivateKeyPem('ed25519'));
    const bundle = await bundleOf(ed);

    assert.throws(
      () => verifySigner(bundle, { keys: [publicKey(ed.publicKey.keyObject)], nowMs: 0 }),
      coded('ARTIFACT_SIGNATURE_UNTRUSTED'),
    );
  });

  test('who signed the malformed encoding of release 0.2.0, unless the caller accepts it', async () => {
    const bundle = await legacyBundle(signer);
    const trust = { keys: [signer.publicKey], nowMs: 0 };

    assert.throws(() => verifySigner(bundle, trust), coded('ARTIFACT_SIGNATURE_UNTRUSTED'));
    assert.equal(verifySigner(bundle, { ...trust, legacyPae: true }).isLegacy, true);
    assert.throws(
      () => verifySigner(bundle, { ...trust, keys: [stranger.publicKey], legacyPae: true }),
      coded('ARTIFACT_SIGNATURE_UNTRUSTED'),
    );
  });
});

function coded(code: string): (error: unknown) => boolean {
  return (error) => error instanceof ArtifactError && error.code === code;
}
