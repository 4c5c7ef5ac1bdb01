import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readChatAnswer } from '../../src/openai/chat-answer.ts';

const names = new Set(['support', 'models/support.gguf']);
const answer = (message: object, more: object = {}): string =>
  JSON.stringify({
    id: 'i',
    model: 'support',
    choices: [{ index: 0, message, finish_reason: 'stop' }],
    ...more,
  });

test('every text of a message is found, whatever its field is called', () => {
  const read = readChatAnswer(
    answer({
      role: 'assistant',
      content: 'a',
      reasoning_content: 'b',
      tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
      anything: { deep: ['d'] },
    }),
    'message',
    names,
  );

  assert.deepEqual(
    read.texts.map(({ channel, text }) => `${channel}=${text}`),
    [
      'choices[0].content=a',
      'choices[0].reasoning_content=b',
      'choices[0].tool_calls[0].function.name=f',
      'choices[0].tool_calls[0].function.arguments={}',
      'choices[0].anything.deep[0]=d',
    ],
  );
  assert.deepEqual(read.finishReasons, ['stop']);
});

test('a chunk of a tool call continues the call of its index, not of its position', () => {
  const data = JSON.stringify({
    model: 'support',
    choices: [{ index: 1, delta: { tool_calls: [{ index: 2, function: { arguments: 'x' } }] } }],
  });

  const [text] = readChatAnswer(data, 'delta', names).texts;

  assert.equal(text?.channel, 'choices[1].tool_calls[2].function.arguments');
});

test('usage is read, and nonsense in it counts as nothing', () => {
  const usage = (value: unknown) =>
    readChatAnswer(answer({}, { usage: value }), 'message', names).usage;

  assert.deepEqual(usage({ prompt_tokens: 3, completion_tokens: 4 }), {
    inputTokens: 3,
    outputTokens: 4,
  });
  assert.deepEqual(usage({ prompt_tokens: -1, completion_tokens: 'x' }), {
    inputTokens: 0,
    outputTokens: 0,
  });
  assert.equal(usage(undefined), null);
});

for (const [name, text, code] of [
  ['another model', '{"model":"gpt","choices":[]}', 'GATEWAY_MODEL_MISMATCH'],
  ['no model', '{"choices":[]}', 'GATEWAY_UPSTREAM_INVALID'],
  ['no choices', '{"model":"support"}', 'GATEWAY_UPSTREAM_INVALID'],
  ['an error inside a 200', '{"error":{"message":"x"}}', 'GATEWAY_UPSTREAM_UNAVAILABLE'],
  [
    'two texts under one key',
    '{"model":"support","choices":[{"message":{"content":"a","content":"b"}}]}',
    'GATEWAY_UPSTREAM_INVALID',
  ],
  ['no JSON', 'hello', 'GATEWAY_UPSTREAM_INVALID'],
  ['a choice that is text', '{"model":"support","choices":["x"]}', 'GATEWAY_UPSTREAM_INVALID'],
] as const) {
  test(`an answer with ${name} is ${code}`, () => {
    assert.throws(() => readChatAnswer(text, 'message', names), { code });
  });
}
