import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  CoreError,
  IN_TOTO_PAYLOAD_TYPE,
  STATEMENT_TYPE,
  generatePrivateKeyPem,
  modelSubject,
  parseStatement,
  readSigner,
  signStatement,
  subjectManifest,
  verifyEnvelope,
} from '@proofmark/core';

const model = { name: 'assistant', omsRoot: 'a'.repeat(64), manifestDigest: 'b'.repeat(64) };

test('a signed statement reads back as what was said about which model', async () => {
  const signer = readSigner(generatePrivateKeyPem('ed25519'));
  const said = { subject: [modelSubject(model)], predicateType: 'urn:x', predicate: { n: 1 } };

  const envelope = await signStatement(said, [signer]);
  const verified = verifyEnvelope(envelope, [signer.publicKey]);
  const statement = parseStatement(verified.payload);

  assert.equal(verified.payloadType, IN_TOTO_PAYLOAD_TYPE);
  assert.deepEqual(statement, { _type: STATEMENT_TYPE, ...said });
  assert.equal(subjectManifest(statement), model.manifestDigest);
});

describe('parseStatement() refuses', () => {
  const ok = {
    _type: STATEMENT_TYPE,
    subject: [{ name: 'm', digest: { sha256: 'aa' } }],
    predicateType: 'p',
    predicate: {},
  };
  const refused: readonly (readonly [string, unknown])[] = [
    ['another type', { ...ok, _type: 'https://in-toto.io/Statement/v0.1' }],
    ['no subject', { ...ok, subject: [] }],
    ['a subject without digest', { ...ok, subject: [{ name: 'm', digest: {} }] }],
    ['a digest that is no string', { ...ok, subject: [{ name: 'm', digest: { sha256: 1 } }] }],
    ['no predicate type', { ...ok, predicateType: '' }],
    ['a predicate that is an array', { ...ok, predicate: [] }],
    ['no predicate', { ...ok, predicate: undefined }],
    ['an array', [ok]],
  ];
  for (const [name, value] of refused) {
    test(name, () => {
      assert.throws(() => parseStatement(Buffer.from(JSON.stringify(value))), invalid);
    });
  }
});

describe('subjectManifest() refuses', () => {
  const of = (...digests: Record<string, string>[]) => ({
    _type: STATEMENT_TYPE as typeof STATEMENT_TYPE,
    subject: digests.map((digest) => ({ name: 'm', digest })),
    predicateType: 'p',
    predicate: {},
  });
  const refused = [
    ['no manifest digest', of({ sha256: 'a'.repeat(64) })],
    ['an upper-case digest', of({ manifest: 'A'.repeat(64) })],
    ['a short digest', of({ manifest: 'a'.repeat(63) })],
    ['two subjects', of({ manifest: 'a'.repeat(64) }, { manifest: 'b'.repeat(64) })],
  ] as const;
  for (const [name, statement] of refused) {
    test(name, () => {
      assert.throws(() => subjectManifest(statement), invalid);
    });
  }
});

function invalid(error: unknown): boolean {
  return error instanceof CoreError && error.code === 'CORE_STATEMENT_INVALID';
}
