import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { readAuthority } from '../../src/egress/authority.ts';

const cases: readonly (readonly [text: string, kind: string, host?: string])[] = [
  ['allowed.test:443', 'name', 'allowed.test'],
  ['ALLOWED.test.:443', 'name', 'allowed.test'],
  ['169.254.169.254:80', 'address', '169.254.169.254'],
  ['2130706433:80', 'address', '127.0.0.1'],
  ['0x7f.1:80', 'address', '127.0.0.1'],
  ['017700000001:80', 'address', '127.0.0.1'],
  ['[::1]:80', 'address', '::1'],
  ['[::ffff:127.0.0.1]:80', 'address', '::ffff:7f00:1'],
  ['user@evil.test:443', 'bad'],
  ['evil.test%0d%0a:443', 'bad'],
  ['evil.test:443/path', 'bad'],
  ['evil.test', 'bad'],
  ['evil.test:', 'bad'],
  ['evil.test:0', 'bad'],
  ['evil.test:65536', 'bad'],
  ['evil.test:080000', 'bad'],
  ['evil.test..:443', 'bad'],
  ['.evil.test:443', 'bad'],
  ['éxample.test:443', 'bad'],
  ['::1:80', 'bad'],
  ['[::1%25eth0]:80', 'bad'],
  ['evil.test:4 43', 'bad'],
  ['', 'bad'],
  [':443', 'bad'],
];

for (const [text, kind, host] of cases) {
  test(`"${text}" is ${host ?? kind}`, () => {
    const authority = readAuthority(text);

    assert.equal(authority.kind, kind);
    if (authority.kind !== 'bad') assert.equal(authority.host, host);
  });
}

test('reading a result again changes nothing', () => {
  const label = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9-]{0,6}$/);
  const host = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
  fc.assert(
    fc.property(host, fc.integer({ min: 1, max: 65535 }), (name, port) => {
      const once = readAuthority(`${name}:${port}`);
      if (once.kind === 'bad') return;

      assert.deepEqual(readAuthority(`${once.host}:${once.port}`), once);
    }),
  );
});

test('any text is judged without an error', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readAuthority(text)));
});
