import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CoreError } from '@proofmark/core';
import { RegistryError } from '@proofmark/registry';

import { ServerError } from '../../src/errors.ts';
import { HTTP_STATUS, failureOf } from '../../src/http/status.ts';

test('every code has a status that says refused or broken, never fine', () => {
  for (const [code, status] of Object.entries(HTTP_STATUS)) {
    assert.ok(status >= 400 && status < 600, code);
  }
});

test('an expected error shows its code, message and what to do', () => {
  const { status, body } = failureOf(new RegistryError('REGISTRY_ALIAS_MOVED', 'cannot move it'));

  assert.equal(status, 409);
  assert.deepEqual(body, {
    error: {
      code: 'REGISTRY_ALIAS_MOVED',
      message: 'cannot move it',
      fix: 'read the alias again with GET /v1/aliases, and decide again',
    },
  });
});

test('an unexpected error shows nothing of its cause', () => {
  const secret = 'password=hunter2';

  for (const error of [new Error(secret), new CoreError('CORE_KEY_INVALID', secret), secret]) {
    const { status, body } = failureOf(error);

    assert.equal(status, 500);
    assert.ok(!JSON.stringify(body).includes('hunter2'));
    assert.match(JSON.stringify(body), /SERVER_INTERNAL/);
  }
});

test('what a client sent in a wrong shape is its mistake', () => {
  const { status } = failureOf(new CoreError('CORE_JSON_INVALID', 'cannot read JSON'));

  assert.equal(status, 400);
  assert.equal(failureOf(new ServerError('SERVER_BODY_TOO_LARGE', 'x')).status, 413);
});
