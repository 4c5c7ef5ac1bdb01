import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';

import {
  CoreError,
  canonicalJson,
  generatePrivateKeyPem,
  parseEnvelope,
  preAuthEncoding,
  readSigner,
  signEnvelope,
  verifyEnvelope,
} from '@proofmark/core';

const alice = readSigner(generatePrivateKeyPem('ed25519'));
const bob = readSigner(generatePrivateKeyPem('ecdsa-p256'));

test('preAuthEncoding() writes the example of the DSSE specification', () => {
  const pae = preAuthEncoding('http://example.com/HelloWorld', Buffer.from('hello world'));

  assert.equal(
    Buffer.from(pae).toString(),
    'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
  );
});

test('preAuthEncoding() counts bytes, not characters', () => {
  assert.equal(Buffer.from(preAuthEncoding('é', Buffer.from('ü'))).toString(), 'DSSEv1 2 é 2 ü');
});

test('an envelope verifies with a trusted signer and names that signer only', async () => {
  const envelope = await signEnvelope('t', Buffer.from('payload'), [alice, bob]);

  const both = verifyEnvelope(envelope, [alice.publicKey, bob.publicKey]);
  const one = verifyEnvelope(parseEnvelope(canonicalJson(envelope)), [bob.publicKey]);

  assert.deepEqual(both.keyIds, [alice.publicKey.keyId, bob.publicKey.keyId]);
  assert.deepEqual(one.keyIds, [bob.publicKey.keyId]);
  assert.equal(Buffer.from(one.payload).toString(), 'payload');
});

test('a keyid never makes a signature trusted', async () => {
  const envelope = await signEnvelope('t', Buffer.from('p'), [alice]);
  const forged = {
    ...envelope,
    signatures: envelope.signatures.map((s) => ({ ...s, keyid: bob.publicKey.keyId })),
  };

  assert.throws(() => verifyEnvelope(forged, [bob.publicKey]), code('CORE_SIGNATURE_INVALID'));
  assert.deepEqual(verifyEnvelope(forged, [alice.publicKey]).keyIds, [alice.publicKey.keyId]);
});

test('a flipped bit of payload, type or signature never verifies', async () => {
  const envelope = await signEnvelope('type', Buffer.from('some payload'), [alice]);
  const flip = (text: string, bit: number): string => {
    const bytes = Buffer.from(text, 'base64');
    const at = bit % (bytes.length * 8);
    bytes[at >> 3] = (bytes[at >> 3] ?? 0) ^ (1 << (at & 7));
    return bytes.toString('base64');
  };
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom('payload', 'sig', 'type'), (bit, where) => {
      const [signature] = envelope.signatures;
      assert.ok(signature);
      const broken = {
        payloadType: where === 'type' ? 'typf' : envelope.payloadType,
        payload: where === 'payload' ? flip(envelope.payload, bit) : envelope.payload,
        signatures: [
          { keyid: '', sig: where === 'sig' ? flip(signature.sig, bit) : signature.sig },
        ],
      };

      assert.throws(() => verifyEnvelope(broken, [alice.publicKey]), CoreError);
    }),
  );
});

test('no trusted key means no trust', async () => {
  const envelope = await signEnvelope('t', Buffer.from('p'), [alice]);

  assert.throws(() => verifyEnvelope(envelope, []), code('CORE_SIGNATURE_INVALID'));
});

describe('parseEnvelope() refuses', () => {
  const ok = { payloadType: 't', payload: 'cA==', signatures: [{ keyid: '', sig: 'cA==' }] };
  const refused: readonly (readonly [string, unknown])[] = [
    ['an array', []],
    ['no payloadType', { ...ok, payloadType: '' }],
    ['no payload', { ...ok, payload: 1 }],
    ['url-safe base64', { ...ok, payload: '_-A=' }],
    ['unpadded base64', { ...ok, payload: 'cA' }],
    ['no signatures', { ...ok, signatures: [] }],
    ['seventeen signatures', { ...ok, signatures: Array(17).fill(ok.signatures[0]) }],
    ['a signature without sig', { ...ok, signatures: [{ keyid: 'a' }] }],
    ['a numeric keyid', { ...ok, signatures: [{ keyid: 1, sig: 'cA==' }] }],
  ];
  for (const [name, value] of refused) {
    test(name, () => {
      assert.throws(() => parseEnvelope(JSON.stringify(value)), code('CORE_ENVELOPE_INVALID'));
    });
  }
});

test('parseEnvelope() takes an absent or null keyid for an empty one', () => {
  const text =
    '{"payloadType":"t","payload":"","signatures":[{"sig":"cA=="},{"keyid":null,"sig":"cA=="}]}';

  assert.deepEqual(
    parseEnvelope(text).signatures.map((s) => s.keyid),
    ['', ''],
  );
});

function code(expected: string): (error: unknown) => boolean {
  return (error) => error instanceof CoreError && error.code === expected;
}
