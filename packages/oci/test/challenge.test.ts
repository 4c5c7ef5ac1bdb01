import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { parseChallenge } from '../src/challenge.ts';

test('basic and bearer challenges are read, and the first value of a name counts', () => {
  assert.deepEqual(parseChallenge('Basic realm="x"'), { scheme: 'basic' });
  assert.deepEqual(parseChallenge('bearer realm="https://a/t",service="s",realm="https://evil"'), {
    scheme: 'bearer',
    realm: 'https://a/t',
    service: 's',
  });
});

test('what is no challenge is none', () => {
  for (const header of [
    undefined,
    '',
    'Digest realm="x"',
    'Bearer',
    'Bearer service="s"',
    'Bearer realm=""',
    'Basically',
    `Bearer realm="${'a'.repeat(9000)}"`,
  ]) {
    assert.equal(parseChallenge(header), null);
  }
});

test('any header is read without an error', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      parseChallenge(`Bearer ${text}`);
    }),
  );
});
