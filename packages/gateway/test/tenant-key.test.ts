import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';

import fc from 'fast-check';

import { bearerKey, hashTenantKey, tenantPseudonym } from '../src/tenant-key.ts';

test('hashes are HMAC-SHA-256 under the secret, apart for keys and tenants', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.string(), (secret, text) => {
      const hmac = (prefix: string): string =>
        createHmac('sha256', secret).update(`${prefix}\0${text}`, 'utf8').digest('hex');

      assert.equal(hashTenantKey(secret, text), hmac('key'));
      assert.equal(tenantPseudonym(secret, text), hmac('tenant'));
    }),
  );
});

test('only a bearer header with one printable key is a key', () => {
  assert.equal(bearerKey('Bearer pm-1'), 'pm-1');
  assert.equal(bearerKey('bearer pm-1'), 'pm-1');
  for (const header of [
    undefined,
    '',
    'Bearer ',
    'Bearer a b',
    'Basic eA==',
    'pm-1',
    `Bearer ${'x'.repeat(300)}`,
  ]) {
    assert.equal(bearerKey(header), null);
  }
});
