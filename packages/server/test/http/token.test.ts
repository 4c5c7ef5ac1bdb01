import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { sha256Hex } from '@proofmark/core';

import { ServerError } from '../../src/errors.ts';
import { authenticate, authorize } from '../../src/http/token.ts';

const tokens = [
  { actor: 'alice', role: 'approver', sha256: sha256Hex('token-of-alice') },
  { actor: 'ci', role: 'developer', sha256: sha256Hex('token-of-ci') },
] as const;

function refused(code: string): (error: unknown) => boolean {
  return (error) => error instanceof ServerError && error.code === code;
}

test('a known token names its actor and role', () => {
  assert.deepEqual(authenticate('Bearer token-of-ci', tokens), { actor: 'ci', role: 'developer' });
  assert.deepEqual(authenticate('bearer token-of-alice', tokens).actor, 'alice');
});

describe('no caller is known from', () => {
  const headers: readonly (readonly [string, string | undefined])[] = [
    ['no header', undefined],
    ['an empty header', ''],
    ['another scheme', 'Basic token-of-ci'],
    ['no token', 'Bearer '],
    ['an unknown token', 'Bearer token-of-eve'],
    ['two tokens', 'Bearer token-of-ci token-of-alice'],
    ['the hash of a token', `Bearer ${sha256Hex('token-of-ci')}`],
    ['an endless token', `Bearer ${'x'.repeat(513)}`],
  ];
  for (const [name, header] of headers) {
    test(name, () => {
      assert.throws(() => authenticate(header, tokens), refused('SERVER_UNAUTHORIZED'));
    });
  }

  test('any header when no token is configured, also the empty one', () => {
    const empty = [{ actor: 'nobody', role: 'operator', sha256: sha256Hex('') }] as const;

    assert.throws(() => authenticate('Bearer x', []), refused('SERVER_UNAUTHORIZED'));
    assert.throws(() => authenticate(undefined, empty), refused('SERVER_UNAUTHORIZED'));
  });
});

test('a role may do what it may do, and nothing else', () => {
  const may = (role: 'viewer' | 'developer' | 'approver' | 'operator'): string =>
    (['read', 'attach', 'move'] as const)
      .filter((permission) => {
        try {
          authorize({ actor: 'a', role }, permission);
          return true;
        } catch (error) {
          assert.ok(refused('SERVER_FORBIDDEN')(error));
          return false;
        }
      })
      .join(' ');

  assert.equal(may('viewer'), 'read');
  assert.equal(may('developer'), 'read attach');
  assert.equal(may('approver'), 'read attach');
  assert.equal(may('operator'), 'read attach move');
});
