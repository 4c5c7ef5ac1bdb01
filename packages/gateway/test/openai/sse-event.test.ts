import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { dataEvent, eventData, eventsOf } from '../../src/openai/sse-event.ts';

async function* chunks(list: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of list) yield await Promise.resolve(Buffer.from(text));
}

async function events(list: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for await (const event of eventsOf(chunks(list))) found.push(event.toString());
  return found;
}

test('events are the same however the bytes are cut', async () => {
  const body = 'data: {"a":1}\n\n: comment\n\ndata: b\r\n\r\ndata: [DONE]\n\nrest';
  const whole = await events([body]);
  assert.equal(whole.length, 5);

  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 })), async (sizes) => {
      const list: string[] = [];
      let at = 0;
      for (const size of [...sizes, body.length]) {
        list.push(body.slice(at, at + size));
        at += size;
      }
      assert.deepEqual(await events(list), whole);
    }),
  );
});

test('data is read, comments are none, other fields are refused', () => {
  assert.equal(eventData(Buffer.from('data: a\ndata:b\n\n')), 'a\nb');
  assert.equal(eventData(Buffer.from(': keep-alive\n\n')), null);
  for (const field of ['event: x', 'id: 1', 'retry: 1', 'text']) {
    assert.throws(() => eventData(Buffer.from(`data: a\n${field}\n\n`)), {
      code: 'GATEWAY_UPSTREAM_INVALID',
    });
  }
});

test('an event in plain form keeps its bytes, another is written in plain form', () => {
  const plain = Buffer.from('data: a\n\n');

  assert.equal(dataEvent('a', plain), plain);
  assert.deepEqual(dataEvent('a', Buffer.from(': x\ndata:a\n\n')), plain);
});

test('an event without an end is refused before it fills the memory', async () => {
  const endless = Array.from({ length: 40 }, () => 'x'.repeat(64 * 1024));

  await assert.rejects(events(endless), { code: 'GATEWAY_UPSTREAM_INVALID' });
});
