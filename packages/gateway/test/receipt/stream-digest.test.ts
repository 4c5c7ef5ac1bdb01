import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sha256, sha256Hex } from '@proofmark/core';

import { StreamDigest } from '../../src/receipt/stream-digest.ts';

const events = ['data: a\n\n', 'data: b\n\n', 'data: [DONE]\n\n'].map((text) => Buffer.from(text));

test('digest and chain are those of the specification', () => {
  const stream = new StreamDigest();
  for (const event of events) stream.add(event);
  let chain = sha256('proofmark-stream-v1');
  for (const event of events) chain = sha256(Buffer.concat([chain, sha256(event)]));

  assert.deepEqual(stream.facts(), {
    digest: sha256Hex(Buffer.concat(events)),
    chain: Buffer.from(chain).toString('hex'),
    events: 3,
  });
});

test('facts(last) foresees what adding the last event gives, and changes nothing', () => {
  const [first, second, last] = events;
  assert.ok(first && second && last);
  const stream = new StreamDigest();
  stream.add(first);
  const before = stream.facts();

  const foreseen = stream.facts(last);

  assert.deepEqual(stream.facts(), before);
  stream.add(last);
  assert.deepEqual(stream.facts(), foreseen);
});

test('the same bytes cut into other events have another chain', () => {
  const one = new StreamDigest();
  one.add(Buffer.from('data: a\n\ndata: b\n\n'));
  const two = new StreamDigest();
  two.add(Buffer.from('data: a\n\n'));
  two.add(Buffer.from('data: b\n\n'));

  assert.equal(one.facts().digest, two.facts().digest);
  assert.notEqual(one.facts().chain, two.facts().chain);
});
