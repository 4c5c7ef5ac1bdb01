import assert from 'node:assert/strict';
import { test } from 'node:test';

import { tokenSubject } from '../../src/sigstore/identity-token.ts';

const token = (claims: unknown): string =>
  `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.AAAA`;

test('possession is proven over the verified address, else the subject', () => {
  assert.equal(tokenSubject(token({ sub: 'robot' })), 'robot');
  const mail = { sub: '1', email: 'a@b.example', email_verified: true };
  assert.equal(tokenSubject(token(mail)), 'a@b.example');
});

test('what is no token is refused without being repeated', () => {
  for (const text of [
    '',
    'a.b',
    token([]),
    token({ email: 'a@b.example' }),
    `a.${'A'.repeat(70_000)}.c`,
  ]) {
    assert.throws(
      () => tokenSubject(text),
      (error) => error instanceof Error && (text === '' || !error.message.includes(text)),
    );
  }
});
