import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  CoreError,
  canonicalJson,
  generatePrivateKeyPem,
  modelSubject,
  readSigner,
  sha256Hex,
  signStatement,
} from '@proofmark/core';
import type { JsonObject } from '@proofmark/core';
import { signRecord } from '@proofmark/registry';
import type { PromotionRecord } from '@proofmark/registry';

import { readPromotionRecord } from '../src/promotion-record.ts';

const signer = readSigner(generatePrivateKeyPem('ed25519'));
const stranger = readSigner(generatePrivateKeyPem('ed25519'));
const hex = (letter: string): string => letter.repeat(64);
const trusted = [signer.publicKey];

const record: PromotionRecord = {
  action: 'promotion',
  name: 'bot',
  version: '1.0',
  omsRoot: hex('a'),
  manifestDigest: hex('b'),
  bundleDigest: hex('c'),
  fileCount: 1,
  totalBytes: 4,
  registeredBy: 'alice',
  environment: 'production',
  alias: 'champion',
  generation: 3,
  previousManifestDigest: null,
  previousRecordDigest: null,
  policyName: 'strict',
  policyDigest: hex('e'),
  evidenceDigests: [],
  properties: ['gate:scan'],
  omitted: {},
  decidedAtMs: 1_000,
  actor: 'alice',
  reason: 'release',
  verifierId: 'urn:proofmark:test',
};

test('reads what the registry wrote', async () => {
  const envelope = await signRecord(record, signer);

  assert.deepEqual(readPromotionRecord(envelope, trusted), {
    digest: sha256Hex(canonicalJson(envelope)),
    action: 'promotion',
    name: 'bot',
    version: '1.0',
    manifestDigest: hex('b'),
    omsRoot: hex('a'),
    bundleDigest: hex('c'),
    environment: 'production',
    alias: 'champion',
    generation: 3,
    policyDigest: hex('e'),
    keyIds: [signer.publicKey.keyId],
  });
});

test('a rollback admits as a promotion does, a denial never', async () => {
  const rollback = await signRecord({ ...record, action: 'rollback' }, signer);
  const denial = await signRecord({ ...record, action: 'denial' }, signer);

  assert.equal(readPromotionRecord(rollback, trusted).action, 'rollback');
  assert.throws(() => readPromotionRecord(denial, trusted), { code: 'RUNNER_NOT_ADMITTED' });
});

test('a record by an unknown key is refused', async () => {
  const envelope = await signRecord(record, stranger);

  assert.throws(
    () => readPromotionRecord(envelope, trusted),
    (cause) => cause instanceof CoreError && cause.code === 'CORE_SIGNATURE_INVALID',
  );
});

test('a record with a missing or malformed field is refused', async () => {
  const whole = JSON.parse(
    Buffer.from((await signRecord(record, signer)).payload, 'base64').toString(),
  ) as { predicate: { proofmark: JsonObject } & JsonObject };
  const changes: readonly JsonObject[] = [
    { proofmark: {} },
    { policies: [] },
    ...[{ action: 'denial' }, { name: '' }, { environment: 5 }, { generation: -1 }].map(
      (change) => ({ proofmark: { ...whole.predicate.proofmark, ...change } }),
    ),
    { proofmark: { ...whole.predicate.proofmark, bundleDigest: 'x' } },
    { proofmark: [] },
  ];
  for (const change of changes) {
    const envelope = await signStatement(
      {
        subject: [modelSubject({ name: 'bot', omsRoot: hex('a'), manifestDigest: hex('b') })],
        predicateType: 'https://in-toto.io/attestation/svr/v0.2',
        predicate: { ...whole.predicate, ...change },
      },
      [signer],
    );

    assert.throws(() => readPromotionRecord(envelope, trusted), { code: 'RUNNER_NOT_ADMITTED' });
  }
});
