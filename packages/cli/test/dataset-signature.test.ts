import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  canonicalJson,
  generatePrivateKeyPem,
  readSigner,
  signEnvelope,
  signStatement,
} from '@proofmark/core';

import { readDatasetBytes, signDataset, verifyDataset } from '../src/dataset-signature.ts';

const signer = readSigner(generatePrivateKeyPem('ed25519'));
const other = readSigner(generatePrivateKeyPem('ed25519'));
const bytes = Buffer.from('{"family":"f","id":"a","text":"é"}\n');
const dataset = readDatasetBytes(bytes);
const envelope = async (): Promise<Buffer> =>
  Buffer.from(await signDataset(dataset, 'a.jsonl', signer));

test('the verdict names the key that signed and both versions', async () => {
  const verdict = verifyDataset(bytes, await envelope(), [other.publicKey, signer.publicKey]);

  assert.deepEqual(verdict, {
    outcome: 'pass',
    signer: signer.publicKey.keyId,
    signed: { digest: dataset.digest, rows: 1 },
    found: { digest: dataset.digest, rows: 1 },
  });
});

test('an unknown key, a changed envelope and no key at all are refused', async () => {
  const good = (await envelope()).toString();
  const invalid = { code: 'CORE_SIGNATURE_INVALID' };
  assert.throws(() => verifyDataset(bytes, Buffer.from(good), [other.publicKey]), invalid);
  assert.throws(() => verifyDataset(bytes, Buffer.from(good), []), invalid);
  const { payload, ...rest } = JSON.parse(good) as { payload: string };
  const lie = Buffer.from(payload, 'base64').toString().replace('"rows":1', '"rows":2');
  const forged = JSON.stringify({ ...rest, payload: Buffer.from(lie).toString('base64') });
  assert.throws(() => verifyDataset(bytes, Buffer.from(forged), [signer.publicKey]), invalid);
  assert.throws(() => verifyDataset(bytes, Buffer.from('{}'), [signer.publicKey]), {
    code: 'CORE_ENVELOPE_INVALID',
  });
});

test('a good signature over something else says nothing about a dataset', async () => {
  const subject = [{ name: 'a', digest: { sha256: dataset.digest } }];
  const predicateType = 'https://proofmark.dev/attestation/dataset/v1';
  const statements = [
    { subject, predicateType: 'https://example.com/other', predicate: { rows: 1 } },
    { subject: [...subject, ...subject], predicateType, predicate: { rows: 1 } },
    { subject: [{ name: 'a', digest: { md5: '00' } }], predicateType, predicate: { rows: 1 } },
    { subject, predicateType, predicate: {} },
  ];
  for (const statement of statements) {
    const signed = Buffer.from(canonicalJson({ ...(await signStatement(statement, [signer])) }));
    assert.throws(() => verifyDataset(bytes, signed, [signer.publicKey]), {
      code: 'EVALS_DATASET_INVALID',
    });
  }
  const raw = await signEnvelope('text/plain', Buffer.from('hello'), [signer]);
  assert.throws(() => verifyDataset(bytes, Buffer.from(JSON.stringify(raw)), [signer.publicKey]));
});

test('bytes that are no UTF-8 are no dataset: two files would be one version', () => {
  const broken = Buffer.from(bytes.toString('latin1').replace('Ã©', '\xff'), 'latin1');
  assert.throws(() => readDatasetBytes(broken), { code: 'EVALS_DATASET_INVALID' });
});
