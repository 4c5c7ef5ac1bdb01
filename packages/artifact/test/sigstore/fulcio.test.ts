import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { generatePrivateKeyPem, readSigner } from '@proofmark/core';

import { readIdentity } from '../../src/sigstore/certificate-identity.ts';
import { requestCertificate } from '../../src/sigstore/fulcio.ts';
import { ISSUER, SUBJECT, makeInstance } from './instance.ts';
import { serve } from './services.ts';

const services = await serve(makeInstance(Date.now()));
after(() => services.close());
const signer = readSigner(generatePrivateKeyPem('ecdsa-p256'));
const request = { fulcioUrl: services.url, identityToken: services.token(), signer };

test('a certificate names the identity of the token', async () => {
  const der = await requestCertificate(request);

  assert.deepEqual(readIdentity(der), { subject: SUBJECT, issuer: ISSUER });
});

test('an authority that refuses, or answers something else, fails', async () => {
  const failed = { code: 'ARTIFACT_SERVICE_FAILED' };
  const unsigned = `${services.token().split('.').slice(0, 2).join('.')}.AAAA`;

  await assert.rejects(requestCertificate({ ...request, identityToken: unsigned }), failed);
  const fulcioUrl = `${services.url}/nothing/here`;
  await assert.rejects(requestCertificate({ ...request, fulcioUrl }), failed);
});
