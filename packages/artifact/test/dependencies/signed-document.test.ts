import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { generatePrivateKeyPem, readSigner, signEnvelope } from '@proofmark/core';
import type { JsonObject, Signer } from '@proofmark/core';

import { isEnvelope, openSigned } from '../../src/dependencies/signed-document.ts';
import { ArtifactError } from '../../src/errors.ts';

const signer = readSigner(generatePrivateKeyPem('ecdsa-p256'));
const HEX = 'cd'.repeat(32);

async function sealed(
  content: unknown,
  type = 'application/vnd.in-toto+json',
  by: Signer = signer,
): Promise<JsonObject> {
  const payload = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
  return { ...(await signEnvelope(type, payload, [by])) } as unknown as JsonObject;
}

const statement = (change: object = {}): object => ({
  _type: 'https://in-toto.io/Statement/v0.1',
  subject: [{ name: 'image', digest: { sha256: HEX, sha1: 'x' } }],
  predicateType: 'urn:x',
  predicate: { a: 1 },
  ...change,
});

test('who signed, about what, saying what', async () => {
  const document = openSigned(await sealed(statement()), [signer.publicKey]);

  assert.deepEqual(document, {
    keyIds: [signer.publicKey.keyId],
    subjects: [HEX],
    predicateType: 'urn:x',
    content: { a: 1 },
  });
});

test('inside a Sigstore bundle, and as a bare payload of a known type', async () => {
  const bundle = { dsseEnvelope: await sealed(statement()) };
  const bare = await sealed({ statements: [] }, 'application/vnd.openvex+json');

  assert.ok(isEnvelope(bundle));
  assert.equal(openSigned(bundle, [signer.publicKey]).predicateType, 'urn:x');
  assert.partialDeepStrictEqual(openSigned(bare, [signer.publicKey]), {
    subjects: [],
    predicateType: null,
  });
  assert.ok(!isEnvelope({ statements: [] }));
});

test('a stranger, nobody to trust and a changed payload are untrusted', async () => {
  const other = readSigner(generatePrivateKeyPem('ecdsa-p256'));
  const good = await sealed(statement());
  const changed = {
    ...good,
    payload: Buffer.from(JSON.stringify(statement({ predicate: {} }))).toString('base64'),
  };
  const untrusted = (root: JsonObject, keys: Signer[]): void => {
    assert.throws(
      () =>
        openSigned(
          root,
          keys.map((key) => key.publicKey),
        ),
      (error) => error instanceof ArtifactError && error.code === 'ARTIFACT_REPORT_UNTRUSTED',
    );
  };

  untrusted(good, [other]);
  untrusted(good, []);
  untrusted(changed, [signer]);
});

describe('openSigned() refuses, though the signature is good', () => {
  const cases: readonly (readonly [string, unknown, string?])[] = [
    ['another payload type', statement(), 'text/plain'],
    ['a payload that is no JSON', 'no'],
    ['a payload that is a list', [1]],
    ['two equal keys', '{"a":1,"a":2}'],
    ['no statement', { predicate: {} }],
    ['another statement version', statement({ _type: 'https://in-toto.io/Statement/v2' })],
    ['a predicate that is no object', statement({ predicate: [] })],
  ];
  for (const [why, content, type] of cases) {
    test(why, async () => {
      const root = await sealed(content, type);
      assert.throws(
        () => openSigned(root, [signer.publicKey]),
        (error) => error instanceof ArtifactError && error.code === 'ARTIFACT_REPORT_INVALID',
      );
    });
  }
});
