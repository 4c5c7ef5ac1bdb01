import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { readChatRequest } from '../../src/model-server/chat-request.ts';
import { ServeError } from '../../src/model-server/errors.ts';

const messages = [{ role: 'user', content: 'Hi' }];
const read = (body: object): ReturnType<typeof readChatRequest> =>
  readChatRequest(JSON.stringify({ messages, ...body }));

test('defaults, both names of the token limit, and text parts', () => {
  assert.equal(read({}).maxTokens, 160);
  assert.equal(read({ max_tokens: 5 }).maxTokens, 5);
  assert.equal(read({ max_tokens: 10_000_000 }).maxTokens, 16_384);
  assert.equal(read({ max_tokens: 5, max_completion_tokens: 6 }).maxTokens, 6);
  assert.deepEqual(read({ stop: 'x' }).stop, ['x']);
  assert.deepEqual(
    read({
      messages: [
        {
          role: 'developer',
          content: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
        },
      ],
    }).messages,
    [{ role: 'system', content: 'a\nb' }],
  );
});

describe('a request that cannot be honoured is refused by field', () => {
  const refused: readonly (readonly [string, object])[] = [
    ['messages', { messages: [] }],
    ['messages', { messages: 'hi' }],
    ['messages[0].role', { messages: [{ role: 'toString', content: 'x' }] }],
    ['messages[0].role', { messages: [null] }],
    ['messages[0].content', { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: 5 }] }],
    ['n', { n: 2 }],
    ['tools', { tools: [{}] }],
    ['functions', { functions: [{}] }],
    ['logit_bias', { logit_bias: { 5: 100 } }],
    ['frequency_penalty', { frequency_penalty: 1 }],
    ['logprobs', { logprobs: true }],
    ['response_format', { response_format: { type: 'json_object' } }],
    ['max_tokens', { max_tokens: 0 }],
    ['max_tokens', { max_tokens: 1.5 }],
    ['temperature', { temperature: 3 }],
    ['temperature', { temperature: 'hot' }],
    ['top_p', { top_p: 0 }],
    ['stop', { stop: [''] }],
    ['stop', { stop: ['a', 'b', 'c', 'd', 'e'] }],
    ['seed', { seed: 1.5 }],
  ];
  for (const [param, body] of refused) {
    test(`${param} in ${JSON.stringify(body).slice(0, 60)}`, () => {
      assert.throws(
        () => read(body),
        (e) => e instanceof ServeError && e.param === param,
      );
    });
  }

  test('a body that is no JSON object', () => {
    for (const text of ['', '[]', 'null', '{"a":']) {
      assert.throws(
        () => readChatRequest(text),
        (e) => e instanceof ServeError && e.code === 'invalid_request',
      );
    }
  });
});

test('neutral values and nulls of parameters that are not honoured pass', () => {
  const neutral = { n: 1, tools: [], logit_bias: {}, frequency_penalty: 0, presence_penalty: null };

  assert.deepEqual(
    read({ ...neutral, temperature: null, response_format: { type: 'text' } }),
    read({}),
  );
});
