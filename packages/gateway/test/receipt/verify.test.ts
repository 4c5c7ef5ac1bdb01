import assert from 'node:assert/strict';
import { test } from 'node:test';

import { generatePrivateKeyPem, readSigner, sha256Hex, signStatement } from '@proofmark/core';
import fc from 'fast-check';

import { parseReceipt } from '../../src/receipt/receipt.ts';
import type { Receipt } from '../../src/receipt/receipt.ts';
import { verifyReceipt } from '../../src/receipt/verify.ts';
import type { VerifyReceiptOptions } from '../../src/receipt/verify.ts';
import { DIGEST_A, DIGEST_B, LOG_ORIGIN, answering, openWorld } from '../world.ts';

/** One whole and one streamed answer with their receipts, made once through a real gateway. */
const world = await openWorld({ model: answering('Your order is on its way.') });
const whole = await evidence({});
const streamed = await evidence({ stream: true });
const stranger = readSigner(generatePrivateKeyPem('ed25519'));
const policy = {
  receiptKeys: [world.receiptSigner.publicKey],
  log: { origin: LOG_ORIGIN, logKey: world.logSigner.publicKey },
};
await world.close();

interface Evidence {
  readonly receipt: Receipt;
  readonly responseBytes: Buffer;
  readonly requestBytes: Buffer;
  readonly proof: string;
}

async function evidence(fields: object): Promise<Evidence> {
  const answer = await world.chat(fields);
  await world.issuer.flush();
  const id = String(answer.headers['x-proofmark-receipt']);
  const found = (await world.send('GET', `/v1/receipts/${id}`)).json();
  return {
    receipt: parseReceipt(JSON.stringify(found['receipt'])),
    proof: String(found['proof']),
    responseBytes: answer.bytes,
    requestBytes: world.chatBody(fields),
  };
}

function verify(changes: Partial<VerifyReceiptOptions> = {}): ReturnType<typeof verifyReceipt> {
  return verifyReceipt({ ...whole, policy, nowMs: Date.now(), ...changes });
}

test('a receipt verifies offline, for a whole answer and for a stream', () => {
  assert.equal(verify().facts.model.manifestDigest, DIGEST_A);
  assert.equal(verify().requestMatched, true);
  assert.ok((verify({ ...streamed }).facts.response?.stream?.events ?? 0) > 3);
});

test('any altered bit of a response never verifies', () => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom(whole, streamed), (at, given) => {
      const bytes = Buffer.from(given.responseBytes);
      const bit = at % (bytes.length * 8);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));

      assert.throws(() => verify({ ...given, responseBytes: bytes }), {
        code: 'GATEWAY_RECEIPT_RESPONSE_MISMATCH',
      });
    }),
  );
});

test('a stream without its closing comment verifies, one that was cut, reordered or extended does not', () => {
  const text = Buffer.from(streamed.responseBytes).toString('utf8');
  const events = text.split('\n\n');
  const cases = [
    text.replace('data: [DONE]\n\n', ''),
    `${text}data: more\n\n`,
    [events[1], events[0], ...events.slice(2)].join('\n\n'),
    text.replaceAll('\n\n', '\r\n\r\n'),
  ];

  verify({ ...streamed, responseBytes: Buffer.from(text.slice(0, text.indexOf(': proofmark'))) });
  for (const changed of cases) {
    assert.throws(() => verify({ ...streamed, responseBytes: Buffer.from(changed) }), {
      code: 'GATEWAY_RECEIPT_RESPONSE_MISMATCH',
    });
  }
});

test('another request, another answer and a receipt from the future are named as such', () => {
  assert.throws(() => verify({ requestBytes: Buffer.from('{}') }), {
    code: 'GATEWAY_RECEIPT_REQUEST_MISMATCH',
  });
  assert.throws(() => verify({ responseBytes: streamed.responseBytes }), {
    code: 'GATEWAY_RECEIPT_RESPONSE_MISMATCH',
  });
  assert.throws(() => verify({ nowMs: Date.now() - 3_600_000 }), {
    code: 'GATEWAY_RECEIPT_FUTURE',
  });
});

test('a receipt whose statement was altered is not in its batch', () => {
  const payload = Buffer.from(whole.receipt.payload, 'base64').toString('utf8');
  const forged = payload.replace('"version":"1.2.0"', '"version":"1.3.0"');
  assert.notEqual(forged, payload);
  const receipt: Receipt = { ...whole.receipt, payload: Buffer.from(forged).toString('base64') };

  assert.throws(() => verify({ receipt }), { code: 'GATEWAY_RECEIPT_NOT_IN_BATCH' });
});

test('a batch by an untrusted key, and the batch of another receipt, are refused', () => {
  assert.throws(() => verify({ policy: { ...policy, receiptKeys: [stranger.publicKey] } }), {
    code: 'GATEWAY_RECEIPT_SIGNATURE_INVALID',
  });
  const receipt: Receipt = { ...whole.receipt, batch: streamed.receipt.batch };
  assert.throws(() => verify({ receipt }), { code: 'GATEWAY_RECEIPT_NOT_IN_BATCH' });
});

test('a statement signed as something else by the receipt key is no batch', async () => {
  const other = await signStatement(
    {
      subject: [{ name: 'receipts', digest: { rfc6962: 'a' } }],
      predicateType: 'x',
      predicate: {},
    },
    [world.receiptSigner],
  );

  assert.throws(() => verify({ receipt: { ...whole.receipt, batch: other } }), {
    code: 'GATEWAY_RECEIPT_INVALID',
  });
});

test('the proof of another batch, a damaged proof and another log are refused', () => {
  const invalid = { code: 'GATEWAY_RECEIPT_PROOF_INVALID' };

  assert.throws(() => verify({ proof: streamed.proof }), invalid);
  assert.throws(() => verify({ proof: '' }), invalid);
  const log = { origin: LOG_ORIGIN, logKey: stranger.publicKey };
  assert.throws(() => verify({ policy: { ...policy, log } }), invalid);
  const origin = { ...policy.log, origin: 'other.example/log' };
  assert.throws(() => verify({ policy: { ...policy, log: origin } }), invalid);
});

test('the promotion record must be signed by the control plane for the same digest and place', async () => {
  const envelope = await signStatement(
    {
      subject: [{ name: 'm', digest: { sha256: DIGEST_B, manifest: DIGEST_A } }],
      predicateType: 'https://in-toto.io/attestation/svr/v0.2',
      predicate: {},
    },
    [stranger],
  );
  const record = { envelope, trusted: [stranger.publicKey] };
  const mismatch = { code: 'GATEWAY_RECEIPT_RECORD_MISMATCH' };

  assert.equal(verify({ record }).recordMatched, true);
  assert.equal(verify({ record: { ...record, index: 7 } }).recordMatched, true);
  assert.throws(() => verify({ record: { ...record, index: 8 } }), mismatch);
  assert.throws(() => verify({ record: { ...record, trusted: [] } }), mismatch);
  const other = await signStatement(
    {
      subject: [{ name: 'm', digest: { sha256: DIGEST_B, manifest: sha256Hex('other') } }],
      predicateType: 'https://in-toto.io/attestation/svr/v0.2',
      predicate: {},
    },
    [stranger],
  );
  assert.throws(() => verify({ record: { ...record, envelope: other } }), mismatch);
});
