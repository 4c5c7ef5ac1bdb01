import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';

import { isTrustedIdentity, matchesName } from '../../src/sigstore/identity-policy.ts';

const WORKFLOW = 'https://github.com/acme/models/.github/workflows/release.yml@refs/heads/main';

describe('a pattern describes the whole name', () => {
  const cases: readonly (readonly [pattern: string, name: string, expected: boolean])[] = [
    [WORKFLOW, WORKFLOW, true],
    [WORKFLOW, `${WORKFLOW}2`, false],
    [WORKFLOW, `x${WORKFLOW}`, false],
    ['https://github.com/acme/*/.github/workflows/release.yml@refs/heads/main', WORKFLOW, true],
    ['https://github.com/acme/models/.github/workflows/*.yml@refs/heads/main', WORKFLOW, true],
    ['https://github.com/acme/*', WORKFLOW, false],
    ['*', WORKFLOW, false],
    ['*/*', WORKFLOW, false],
    ['*@acme.example', 'release@acme.example', true],
    ['*@acme.example', 'release@acme.example.evil.example', false],
    ['*@acme.example', 'a@b@acme.example', false],
    ['*.example', 'evil/acme.example', false],
    ['a*b*c', 'a1b2b3c', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['.*', 'anything', false],
    ['', '', true],
    ['', 'a', false],
  ];
  for (const [pattern, name, expected] of cases) {
    test(`${pattern} ${expected ? 'is' : 'is not'} ${name}`, () => {
      assert.equal(matchesName(pattern, name), expected);
    });
  }
});

test('a name without a star is only ever itself', () => {
  const name = fc.string({ maxLength: 12 }).filter((text) => !text.includes('*'));
  fc.assert(
    fc.property(name, name, (a, b) => {
      assert.equal(matchesName(a, b), a === b);
    }),
  );
});

test('replacing a star by text without parts makes a name that the pattern describes', () => {
  const piece = fc.stringMatching(/^[a-c]{0,3}$/);
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), piece, (pieces, filling) => {
      assert.ok(matchesName(pieces.join('*'), pieces.join(filling)));
    }),
  );
});

test('issuer and subject must be of one entry', () => {
  const trusted = [
    { issuer: 'https://a.example', subject: 'one' },
    { issuer: 'https://b.example', subject: 'two' },
  ];

  assert.ok(isTrustedIdentity({ issuer: 'https://a.example', subject: 'one' }, trusted));
  assert.ok(!isTrustedIdentity({ issuer: 'https://a.example', subject: 'two' }, trusted));
});
