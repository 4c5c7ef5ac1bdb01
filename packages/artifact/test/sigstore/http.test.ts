import assert from 'node:assert/strict';
import { test } from 'node:test';

import { requestService, serviceUrl } from '../../src/sigstore/http.ts';

test('addresses keep their path and must be https, or loopback', () => {
  assert.equal(serviceUrl('https://a.example/base/', '/x').href, 'https://a.example/base/x');
  assert.equal(serviceUrl('http://127.0.0.1:1', '/x').href, 'http://127.0.0.1:1/x');
  for (const base of [
    'http://a.example',
    'http://127.0.0.1.evil.example',
    'https://user:secret@a.example',
    'file:///etc',
    'a.example',
  ]) {
    assert.throws(() => serviceUrl(base, '/x'), { code: 'ARTIFACT_SERVICE_FAILED' });
  }
});

test('a service that does not answer is named by its host alone', async () => {
  const url = new URL('http://127.0.0.1:1/path?secret');

  await assert.rejects(requestService({ method: 'GET', url, headers: {} }), (error) => {
    assert.ok(error instanceof Error);
    assert.match(error.message, /127\.0\.0\.1:1 did not answer/);
    assert.ok(!error.message.includes('secret'));
    return true;
  });
});
