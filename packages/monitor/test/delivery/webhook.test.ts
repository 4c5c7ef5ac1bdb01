import assert from 'node:assert/strict';
import { test } from 'node:test';

import { signWebhook, verifyWebhook } from '../../src/delivery/webhook.ts';

const secret = Buffer.from('0123456789abcdef');
const NOW = 1_800_000_000_000;
const body = '{"version":1}';
const headers = { ...signWebhook(secret, 'd1', body, NOW) };
const invalid = { code: 'MONITOR_WEBHOOK_INVALID' };

test('a signed webhook verifies and gives its delivery id', () => {
  assert.equal(verifyWebhook(secret, { headers, body }, NOW + 299_000), 'd1');
});

test('an altered body, id, timestamp or signature, or another secret, is refused', () => {
  const refuse = (changed: object, text = body, key: Uint8Array = secret): void => {
    const received = { headers: { ...headers, ...changed }, body: text };
    assert.throws(() => verifyWebhook(key, received, NOW), invalid);
  };

  refuse({}, '{"version":2}');
  refuse({ 'x-proofmark-delivery': 'd2' });
  refuse({ 'x-proofmark-timestamp': String(NOW / 1000 + 1) });
  refuse({ 'x-proofmark-signature': `v1=${'0'.repeat(64)}` });
  refuse({ 'x-proofmark-signature': headers['x-proofmark-signature'].toUpperCase() });
  refuse({ 'x-proofmark-signature': undefined });
  refuse({}, body, Buffer.from('another secret!!'));
});

test('a webhook is useless after the replay window, and before its time', () => {
  assert.throws(() => verifyWebhook(secret, { headers, body }, NOW + 301_000), invalid);
  assert.throws(() => verifyWebhook(secret, { headers, body }, NOW - 301_000), invalid);
});
