import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { downloadUrl, realmUrl, registryUrl, uploadUrl } from '../src/address.ts';

const refused = { code: 'OCI_REDIRECT_REFUSED' };

test('registries are asked over https, but for this machine and on request', () => {
  const urls = [
    registryUrl('r.example', false),
    registryUrl('r.example:5000', true),
    registryUrl('localhost:5000', false),
    registryUrl('127.0.0.1.evil.example', false),
    registryUrl('docker.io', false),
  ];

  assert.deepEqual(
    urls.map(({ origin }) => origin),
    [
      'https://r.example',
      'http://r.example:5000',
      'http://localhost:5000',
      'https://127.0.0.1.evil.example',
      'https://registry-1.docker.io',
    ],
  );
});

test('an upload stays with its registry', () => {
  const base = new URL('https://r.example');

  assert.equal(uploadUrl('/v2/a?b=c', base).href, 'https://r.example/v2/a?b=c');
  for (const location of [
    'https://other.example/',
    'http://r.example/',
    'https://r.example:444/',
    '//evil.example/',
    null,
    'https://a:b@r.example/',
  ]) {
    assert.throws(() => uploadUrl(location, base), refused);
  }
});

test('a download may go to another public host, never into a private one', () => {
  const base = new URL('https://r.example/v2/');

  assert.equal(downloadUrl('https://cdn.example/x', base).host, 'cdn.example');
  for (const location of [
    'http://cdn.example/x',
    'https://127.0.0.1/x',
    'https://169.254.169.254/latest',
    'https://[::1]/x',
    'https://localhost/x',
    'https://2130706433/x',
    'file:///etc/passwd',
  ]) {
    assert.throws(() => downloadUrl(location, base), refused);
  }
});

describe('credentials go to a token service', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['https://r.example', 'https://r.example/token', true],
    ['https://registry-1.docker.io', 'https://auth.docker.io/token', true],
    ['https://registry.gitlab.example', 'https://gitlab.example/jwt', true],
    ['https://r.example', 'https://auth.r.example/token', true],
    ['https://r.example', 'https://evil.example/token', false],
    ['https://r.example', 'https://r.example.evil/token', false],
    ['https://r.example', 'https://example/token', false],
    ['https://r.example', 'http://r.example/token', false],
    ['http://127.0.0.1:5000', 'http://127.0.0.1:6000/token', false],
  ];
  for (const [registry, realm, isAllowed] of cases) {
    test(`of ${realm} ${isAllowed ? 'for' : 'never for'} ${registry}`, () => {
      const read = (): URL => realmUrl(realm, new URL(registry), true);

      if (isAllowed) assert.equal(read().href, realm);
      else assert.throws(read, refused);
    });
  }
});
