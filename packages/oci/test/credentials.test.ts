import assert from 'node:assert/strict';
import { test } from 'node:test';

import { findCredentials } from '../src/credentials.ts';

const auth = (login: string): string => Buffer.from(login).toString('base64');
const config = JSON.stringify({
  auths: {
    'r.example': { auth: auth('me:pass:word') },
    'https://s.example': { username: 'you', password: 'p' },
    'https://index.docker.io/v1/': { auth: auth('hub:secret') },
    'helped.example': {},
    'odd.example': { auth: auth('nocolon') },
  },
  credsStore: 'desktop',
});

test('credentials are found by host', () => {
  const found = ['r.example', 's.example', 'registry-1.docker.io', 'other.example'].map(
    (host) => findCredentials(config, host)?.password,
  );

  assert.deepEqual(found, ['pass:word', 'p', 'secret', undefined]);
});

test('a helper is not run, and what cannot be read is refused without being shown', () => {
  for (const [text, host] of [
    [config, 'helped.example'],
    [config, 'odd.example'],
    ['{"auths":{"a":{"auth":"c2VjcmV0', 'a'],
  ] as const) {
    assert.throws(
      () => findCredentials(text, host),
      (error) => {
        assert.ok(error instanceof Error);
        assert.ok(!JSON.stringify([error.message, error.cause]).includes('c2VjcmV0'));
        assert.ok(!error.message.includes('nocolon'));
        return 'code' in error && error.code === 'OCI_ACCESS_DENIED';
      },
    );
  }
});

test('an empty file, or a prototype, has none', () => {
  assert.equal(findCredentials('{}', 'constructor'), null);
  assert.equal(findCredentials('{"auths":{}}', '__proto__'), null);
});
