import assert from 'node:assert/strict';
import { test } from 'node:test';

import { encodeDer } from '../../src/der.ts';
import { readIdentity } from '../../src/sigstore/certificate-identity.ts';
import { ISSUER, SUBJECT, makeInstance } from './instance.ts';
import { UTF8_STRING, newKey } from './x509.ts';

const instance = makeInstance(Date.now());
const { spki } = newKey();

test('a workflow and an e-mail address are named as they stand', () => {
  assert.deepEqual(readIdentity(instance.issue(spki)), { subject: SUBJECT, issuer: ISSUER });
  const mail = readIdentity(instance.issue(spki, { subject: 'release@acme.example' }));
  assert.equal(mail.subject, 'release@acme.example');
});

test('a name with control characters, two issuers, and none are refused', () => {
  assert.throws(() => readIdentity(instance.issue(spki, { subject: 'a\u0000b' })), RangeError);
  assert.throws(() => readIdentity(instance.root), RangeError);
  const second = encodeDer(UTF8_STRING, Buffer.from('https://other.example'));
  const extra = [{ oid: '1.3.6.1.4.1.57264.1.8', value: second }];
  assert.throws(() => readIdentity(instance.issue(spki, { extra })), RangeError);
});
