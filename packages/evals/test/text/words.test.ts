import assert from 'node:assert/strict';
import { test } from 'node:test';

import { contentWords, stem } from '../../src/text/words.ts';

test('contentWords() keeps what a text is about, in any script', () => {
  assert.deepEqual(contentWords('Where are the refunds for my orders?'), ['refund', 'order']);
  assert.deepEqual(contentWords('密码 and 3.5'), ['密', '码', '3.5']);
});

test('stem() joins the forms of a regular word', () => {
  assert.equal(stem('refunded'), stem('refunds'));
  assert.equal(stem('policies'), 'policy');
  assert.equal(stem('glass'), 'glass');
});
