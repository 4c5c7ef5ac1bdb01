import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';

import { CodedError, generatePrivateKeyPem, readSigner } from '@proofmark/core';

import { ArtifactError } from '../src/errors.ts';
import { hashFolder } from '../src/hash.ts';
import { signModel } from '../src/sign.ts';
import type { SignatureTrust } from '../src/signer-identity.ts';
import { verifyBundle, verifyManifest, verifyModel } from '../src/verify.ts';
import { makeChain } from './certificates.ts';
import { SAMPLE, modelFolder } from './model-folder.ts';

const signer = readSigner(generatePrivateKeyPem('ecdsa-p256'));
const trust: SignatureTrust = { keys: [signer.publicKey], nowMs: Date.now() };

async function signed(folder: string): Promise<string> {
  return signModel({ name: 'sample', manifest: await hashFolder(folder), signer });
}

for (const algorithm of ['ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521'] as const) {
  test(`a folder signed with ${algorithm} verifies and names its signer`, async () => {
    const own = readSigner(generatePrivateKeyPem(algorithm));
    const folder = modelFolder();
    const manifest = await hashFolder(folder);
    const bundle = await signModel({ name: 'sample', manifest, signer: own });

    const verified = await verifyModel(folder, bundle, { keys: [own.publicKey], nowMs: 0 });

    assert.deepEqual(verified.manifest, manifest);
    assert.deepEqual(verified.signer, { method: 'key', keyId: own.publicKey.keyId });
  });
}

test('a certificate vouches for the signer', async () => {
  const { root, chain, signer: certified } = makeChain();
  const folder = modelFolder();
  const bundle = await signModel({
    name: 'sample',
    manifest: await hashFolder(folder),
    signer: certified,
    certificates: chain,
  });

  const verified = await verifyModel(folder, bundle, {
    keys: [],
    certificates: { roots: [root] },
    nowMs: Date.now(),
  });

  assert.equal(verified.signer.method, 'certificate');
  await assert.rejects(
    verifyModel(folder, bundle, { keys: [certified.publicKey], nowMs: Date.now() }),
    coded('ARTIFACT_SIGNATURE_UNTRUSTED'),
  );
});

test('the signature file inside the folder is left out when it was named', async () => {
  const folder = modelFolder();
  const manifest = await hashFolder(folder, { ignore: ['model.sig'] });
  const bundle = await signModel({ name: 'sample', manifest, signer, ignored: ['model.sig'] });
  writeFileSync(path.join(folder, 'model.sig'), bundle);

  assert.deepEqual((await verifyModel(folder, bundle, trust)).manifest, manifest);
});

describe('a folder that is not what was signed is refused, naming the file', () => {
  const cases: readonly (readonly [string, string, string, (folder: string) => void])[] = [
    [
      'one byte changed',
      'changed',
      'weights/part-1.bin',
      (f) => writeFileSync(path.join(f, 'weights/part-1.bin'), 'First part'),
    ],
    ['a file removed', 'missing', 'config.json', (f) => rmSync(path.join(f, 'config.json'))],
    [
      'a file added',
      'extra',
      'evil.py',
      (f) => writeFileSync(path.join(f, 'evil.py'), 'import os'),
    ],
    [
      'an empty file added',
      'extra',
      'weights/x',
      (f) => writeFileSync(path.join(f, 'weights/x'), ''),
    ],
    [
      'a file renamed',
      'renamed',
      'config.json',
      (f) => renameSync(path.join(f, 'config.json'), path.join(f, 'setup.json')),
    ],
    [
      'a git folder further down',
      'extra',
      'weights/.git/hook',
      (f) => {
        mkdirSync(path.join(f, 'weights/.git'));
        writeFileSync(path.join(f, 'weights/.git/hook'), 'x');
      },
    ],
  ];
  for (const [name, kind, file, change] of cases) {
    test(name, async () => {
      const folder = modelFolder();
      const bundle = await signed(folder);
      change(folder);

      await assert.rejects(verifyModel(folder, bundle, trust), (error) => {
        assert.ok(error instanceof ArtifactError);
        assert.equal(error.code, 'ARTIFACT_CONTENT_MISMATCH');
        assert.deepEqual([error.details['kind'], error.details['path']], [kind, file]);
        return true;
      });
    });
  }

  test('two files with their names swapped', async () => {
    const folder = modelFolder();
    const bundle = await signed(folder);
    writeFileSync(path.join(folder, 'weights/part-1.bin'), SAMPLE['weights/part-2.bin'] ?? '');
    writeFileSync(path.join(folder, 'weights/part-2.bin'), SAMPLE['weights/part-1.bin'] ?? '');

    await assert.rejects(verifyModel(folder, bundle, trust), coded('ARTIFACT_CONTENT_MISMATCH'));
  });
});

test('a bundle of an unknown key is refused, whatever its hint says', async () => {
  const stranger = readSigner(generatePrivateKeyPem('ecdsa-p256'));
  const folder = modelFolder();
  const bundle = await signModel({
    name: 'sample',
    manifest: await hashFolder(folder),
    signer: stranger,
  });

  await assert.rejects(verifyModel(folder, bundle, trust), coded('ARTIFACT_SIGNATURE_UNTRUSTED'));
  await assert.rejects(
    verifyModel(folder, bundle, { keys: [], nowMs: 0 }),
    coded('ARTIFACT_SIGNATURE_UNTRUSTED'),
  );
});

test('an Ed25519 key neither signs nor verifies models', async () => {
  const ed = readSigner(generatePrivateKeyPem('ed25519'));

  await assert.rejects(
    signModel({ name: 'x', manifest: await hashFolder(modelFolder()), signer: ed }),
    coded('ARTIFACT_METHOD_UNSUPPORTED'),
  );
});

test('no changed byte of a bundle verifies as anything else than what was signed', async () => {
  const folder = modelFolder();
  const bundle = await signed(folder);
  const { statement } = verifyBundle(bundle, trust);
  const bytes = Buffer.from(bundle);
  fc.assert(
    fc.property(
      fc.nat({ max: bytes.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      (at, change) => {
        const broken = Buffer.from(bytes);
        broken[at] = (broken[at] ?? 0) ^ change;
        try {
          assert.deepEqual(verifyBundle(broken.toString('utf8'), trust).statement, statement);
        } catch (error) {
          assert.ok(error instanceof CodedError, String(error));
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('a manifest that was hashed elsewhere is checked the same way', async () => {
  const folder = modelFolder();
  const manifest = await hashFolder(folder);
  const bundle = await signed(folder);
  const [first, ...rest] = manifest.files;
  assert.ok(first);

  assert.equal(
    verifyManifest(manifest, bundle, trust).manifest.manifestDigest,
    manifest.manifestDigest,
  );
  assert.throws(
    () =>
      verifyManifest(
        { ...manifest, files: [{ ...first, sizeBytes: first.sizeBytes + 1 }, ...rest] },
        bundle,
        trust,
      ),
    coded('ARTIFACT_CONTENT_MISMATCH'),
  );
});

// The public vectors of the reference implementation; not copied into the project.
const reference = path.join(import.meta.dirname, '../../../../shared/vectors/oms-reference');
const missing = ((): string | false => {
  try {
    readFileSync(path.join(reference, 'keys/certificate/ca-cert.pem'));
    return false;
  } catch {
    return 'skipped: ../shared/vectors/oms-reference is not there';
  }
})();

describe(
  'folders signed by released versions of the reference implementation',
  { skip: missing },
  async () => {
    const { X509Certificate } = await import('node:crypto');
    const { readPublicKey } = await import('@proofmark/core');
    const keys = path.join(reference, 'keys/certificate');
    const referenceTrust = (legacy: boolean): SignatureTrust => ({
      keys: [readPublicKey(readFileSync(path.join(keys, 'signing-key-pub.pem'), 'utf8'))],
      certificates: { roots: [new X509Certificate(readFileSync(path.join(keys, 'ca-cert.pem')))] },
      nowMs: Date.parse('2025-12-01'),
      legacyPae: legacy,
    });
    const ignore = ['model.sig', 'ignore-me'];
    for (const name of [
      'v0.3.1-certificate',
      'v1.0.0-certificate',
      'v1.0.1-certificate',
      'v1.1.0-certificate',
      'v0.3.1-elliptic-key',
      'v1.0.0-elliptic-key',
      'v1.0.1-elliptic-key',
      'v1.1.0-elliptic-key',
    ]) {
      test(`${name} verifies`, async () => {
        const folder = path.join(reference, name);
        const bundle = readFileSync(path.join(folder, 'model.sig'), 'utf8');

        const { manifest } = await verifyModel(folder, bundle, referenceTrust(false), { ignore });

        assert.ok(manifest.files.length >= 1);
      });
    }

    test('v0.2.0-certificate verifies only when the caller accepts its malformed encoding', async () => {
      const folder = path.join(reference, 'v0.2.0-certificate');
      const bundle = readFileSync(path.join(folder, 'model.sig'), 'utf8');

      await verifyModel(folder, bundle, referenceTrust(true), { ignore });
      await assert.rejects(
        verifyModel(folder, bundle, referenceTrust(false), { ignore }),
        coded('ARTIFACT_SIGNATURE_UNTRUSTED'),
      );
    });

    for (const name of [
      'v0.3.1-sigstore',
      'v1.0.0-sigstore',
      'v1.0.1-sigstore',
      'v1.1.0-sigstore',
    ]) {
      test(`${name} is keyless and says that it is not checked`, () => {
        const bundle = readFileSync(path.join(reference, name, 'model.sig'), 'utf8');

        assert.throws(
          () => verifyBundle(bundle, referenceTrust(false)),
          coded('ARTIFACT_METHOD_UNSUPPORTED'),
        );
      });
    }
  },
);

function coded(code: string): (error: unknown) => boolean {
  return (error) => error instanceof ArtifactError && error.code === code;
}
