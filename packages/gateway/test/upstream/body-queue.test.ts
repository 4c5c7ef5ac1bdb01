import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BodyQueue } from '../../src/upstream/body-queue.ts';

function queue(): { readonly body: BodyQueue; readonly flow: string[] } {
  const flow: string[] = [];
  const body = new BodyQueue({
    pause: () => flow.push('pause'),
    resume: () => flow.push('resume'),
  });
  return { body, flow };
}

test('chunks arrive in order, before and after the consumer waits', async () => {
  const { body } = queue();
  body.push(Buffer.from('a'));
  const read = (async () => {
    let text = '';
    for await (const chunk of body) text += Buffer.from(chunk).toString();
    return text;
  })();

  await Promise.resolve();
  body.push(Buffer.from('b'));
  await Promise.resolve();
  body.push(Buffer.from('c'));
  body.end();

  assert.equal(await read, 'abc');
});

test('the sender is paused above the mark and resumed when half of it is taken', async () => {
  const { body, flow } = queue();
  for (let i = 0; i < 5; i += 1) body.push(Buffer.alloc(20_000));
  assert.deepEqual(flow, ['pause']);
  body.end();

  let chunks = 0;
  for await (const _chunk of body) {
    chunks += 1;
    if (chunks < 4) assert.deepEqual(flow, ['pause']);
  }

  assert.equal(chunks, 5);
  assert.deepEqual(flow, ['pause', 'resume']);
});

test('a failure reaches the consumer at once and drops what waited', async () => {
  const { body } = queue();
  body.push(Buffer.from('a'));
  body.fail(new Error('gone'));

  await assert.rejects(async () => {
    for await (const _chunk of body) assert.fail('nothing may arrive');
  }, /gone/);
});
