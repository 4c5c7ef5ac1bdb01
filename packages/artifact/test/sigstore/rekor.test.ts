import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import {
  IN_TOTO_PAYLOAD_TYPE,
  generatePrivateKeyPem,
  readSigner,
  signEnvelope,
} from '@proofmark/core';

import { requestLogEntry } from '../../src/sigstore/rekor.ts';
import { makeInstance } from './instance.ts';
import { serve } from './services.ts';

const instance = makeInstance(Date.now());
const services = await serve(instance);
const odd = await serve(instance, { logAnswer: () => ({ one: {}, two: {} }) });
after(() => Promise.all([services.close(), odd.close()]));

const signer = readSigner(generatePrivateKeyPem('ecdsa-p256'));
const envelope = await signEnvelope(IN_TOTO_PAYLOAD_TYPE, Buffer.from('{}'), [signer]);
const spki = signer.publicKey.keyObject.export({ type: 'spki', format: 'der' });
const request = { envelope, certificate: instance.issue(spki), rekorUrl: services.url } as const;

test('an entry of either version is read with its proof', async () => {
  const first = await requestLogEntry({ ...request, rekorVersion: 1 });
  const second = await requestLogEntry({ ...request, rekorVersion: 2 });

  assert.deepEqual([first.kind, first.proof?.size, first.logIndex], ['dsse', 5, 70_002]);
  assert.ok(first.promise !== null && first.integratedSeconds !== null);
  assert.deepEqual([second.kind, second.proof?.size], ['hashedrekord', 5]);
  assert.deepEqual([second.promise, second.integratedSeconds], [null, null]);
});

test('an answer of another shape, and a refusal, fail', async () => {
  const failed = { code: 'ARTIFACT_SERVICE_FAILED' };
  const stranger = readSigner(generatePrivateKeyPem('ecdsa-p256'));
  const forged = await signEnvelope(IN_TOTO_PAYLOAD_TYPE, Buffer.from('{}'), [stranger]);

  await assert.rejects(requestLogEntry({ ...request, rekorUrl: odd.url, rekorVersion: 1 }), failed);
  await assert.rejects(requestLogEntry({ ...request, rekorUrl: odd.url, rekorVersion: 2 }), failed);
  await assert.rejects(requestLogEntry({ ...request, envelope: forged, rekorVersion: 1 }), failed);
});
