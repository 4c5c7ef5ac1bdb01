import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { JsonObject } from '@proofmark/core';

import { isSampled, sessionOf } from '../../src/shadow/session.ts';

const secret = Buffer.alloc(32, 7);
const user = (content: string): JsonObject => ({ role: 'user', content });
const assistant = (content: string): JsonObject => ({ role: 'assistant', content });

function session(
  request: JsonObject,
  change: { readonly tenant?: string; readonly header?: string; readonly secret?: Uint8Array } = {},
): string {
  return sessionOf({ secret, tenant: 'acme', header: undefined, request, ...change });
}

describe('a session', () => {
  test('is one conversation: its later turns repeat its beginning', () => {
    const first = session({ messages: [user('Where is my order?')] });
    const second = session({
      messages: [user('Where is my order?'), assistant('On its way.'), user('When?')],
    });
    const other = session({ messages: [user('Cancel my order.')] });

    assert.equal(first, second);
    assert.notEqual(first, other);
    assert.match(first, /^[0-9a-f]{64}$/);
  });

  test('is what the client calls it, the header before the user', () => {
    const named = { messages: [user('a')], user: 'u1' };

    assert.equal(session(named), session({ messages: [user('b')], user: 'u1' }));
    assert.notEqual(session(named), session(named, { header: 'u1' }));
    assert.equal(
      session(named, { header: 's' }),
      session({ messages: [user('c')] }, { header: 's' }),
    );
  });

  test('is never shared by two tenants, and says nothing without the secret', () => {
    const request = { messages: [user('a')] };

    assert.notEqual(session(request), session(request, { tenant: 'other' }));
    assert.notEqual(session(request), session(request, { secret: Buffer.alloc(32, 8) }));
  });

  test('of a request in an unexpected shape is still a session', () => {
    for (const messages of [null, 7, [], ['x'], [assistant('only')]]) {
      assert.match(session({ messages }), /^[0-9a-f]{64}$/);
    }
  });
});

test('about the share of sessions is sampled, and a session stays in or out for a whole run', () => {
  const sessions = Array.from({ length: 2000 }, (_, i) => session({ messages: [user(`${i}`)] }));
  const first = sessions.filter((s) => isSampled(secret, 'run-1', s, 0.25));

  assert.ok(first.length > 420 && first.length < 580, `${first.length}`);
  assert.deepEqual(
    sessions.filter((s) => isSampled(secret, 'run-1', s, 0.25)),
    first,
  );
  assert.notDeepEqual(
    sessions.filter((s) => isSampled(secret, 'run-2', s, 0.25)),
    first,
  );
  assert.ok(sessions.every((s) => isSampled(secret, 'run-1', s, 1)));
});
