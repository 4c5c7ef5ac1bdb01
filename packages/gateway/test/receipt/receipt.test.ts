import assert from 'node:assert/strict';
import { test } from 'node:test';

import { canonicalJson, generatePrivateKeyPem, readSigner } from '@proofmark/core';
import { decodeEntry } from '@proofmark/tlog';

import {
  batchEntry,
  batchText,
  parseReceipt,
  receiptText,
  receiptsOf,
  sealBatch,
} from '../../src/receipt/receipt.ts';
import { receiptPayload } from '../../src/receipt/statement.ts';
import { receiptFacts } from './facts.ts';

const signer = readSigner(generatePrivateKeyPem('ed25519'));
const payloads = ['1', '2', '3'].map((n) =>
  receiptPayload(receiptFacts({ id: `rcpt_${n.repeat(32)}` })),
);
const { batch, receipts } = await sealBatch(payloads, 5, signer);

test('a receipt is the same after JSON, and after its batch was taken up again', () => {
  assert.deepEqual(
    receipts.map((r) => parseReceipt(JSON.stringify(r))),
    receipts,
  );
  assert.deepEqual(receiptsOf(payloads, batch), receipts);
});

test('the text of a receipt is its canonical JSON, in a batch of one and of three', async () => {
  const alone = await sealBatch(payloads.slice(0, 1), 5, signer);

  for (const one of [...receipts, ...alone.receipts]) {
    assert.equal(receiptText(one, batchText(one.batch)), canonicalJson(one));
  }
});

test('the digest of a batch as its receipts quote it is the one that the log holds', () => {
  assert.equal(batchText(batch).digest, decodeEntry(batchEntry(batch)).digest);
});

test('the log entry of a batch names its kind and only its digest', () => {
  const entry = decodeEntry(batchEntry(batch));

  assert.equal(entry.kind, 'receipt-batch');
  assert.match(entry.digest, /^[0-9a-f]{64}$/);
});

const [receipt] = receipts;
const inclusion = { ...receipt?.inclusion };
const broken: readonly [name: string, change: object][] = [
  ['another payload type', { payloadType: 'text/plain' }],
  ['a payload that is not base64', { payload: '###' }],
  ['no batch', { batch: undefined }],
  ['an unsigned batch', { batch: { ...batch, signatures: [] } }],
  ['an index outside the batch', { inclusion: { ...inclusion, index: 3 } }],
  ['a negative index', { inclusion: { ...inclusion, index: -1 } }],
  ['a path of numbers', { inclusion: { ...inclusion, path: [1] } }],
  ['a path of 17 hashes', { inclusion: { ...inclusion, path: Array(17).fill('a'.repeat(64)) } }],
  ['a batch of a million', { inclusion: { ...inclusion, size: 1_000_000 } }],
];

for (const [name, change] of broken) {
  test(`a receipt with ${name} is refused`, () => {
    const text = JSON.stringify({ ...receipt, ...change });

    assert.throws(() => parseReceipt(text), { code: 'GATEWAY_RECEIPT_INVALID' });
  });
}

test('text that is no JSON object is refused', () => {
  for (const text of ['', '[]', 'null', '{"a":1,"a":2}']) {
    assert.throws(() => parseReceipt(text), { code: 'GATEWAY_RECEIPT_INVALID' });
  }
});
