import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import type { Engine } from '../../src/gguf-server/engine.ts';
import { createGgufServer } from '../../src/gguf-server/http.ts';

/** A real, trivial engine: answers with the words of the last message. */
const echo: Engine = {
  async chat(request, _signal, onText) {
    const words = (request.messages.at(-1)?.content ?? '').split(' ');
    for (const word of words) {
      if (word === 'die') throw new Error('the engine failed');
      onText(`${word} `);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { finishReason: 'stop', promptTokens: 3, completionTokens: words.length };
  },
};

async function listen(t: TestContext): Promise<string> {
  const server = createGgufServer(echo);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function ask(base: string, body: object): Promise<Response> {
  return fetch(`${base}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(body) });
}

const messages = [{ role: 'user', content: 'one two' }];

test('answers a chat completion in the OpenAI shape', async (t) => {
  const base = await listen(t);

  const answer = (await (await ask(base, { messages })).json()) as {
    choices: { message: { content: string }; finish_reason: string }[];
    usage: object;
  };

  assert.equal(answer.choices[0]?.message.content, 'one two ');
  assert.equal(answer.choices[0]?.finish_reason, 'stop');
  assert.deepEqual(answer.usage, { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 });
});

test('streams pieces and ends with [DONE]', async (t) => {
  const base = await listen(t);

  const text = await (await ask(base, { messages, stream: true })).text();

  const events = text.trim().split('\n\n');
  assert.equal(events.at(-1), 'data: [DONE]');
  assert.equal(events.length, 5);
});

test('a stream whose engine fails breaks instead of ending cleanly', async (t) => {
  const base = await listen(t);
  const broken = [{ role: 'user', content: 'one die' }];

  const response = await ask(base, { messages: broken, stream: true });

  await assert.rejects(response.text());
});

test('refuses bad input in the OpenAI error shape', async (t) => {
  const base = await listen(t);

  const statuses = [
    (await ask(base, {})).status,
    (await fetch(`${base}/v1/chat/completions`, { method: 'POST', body: '{' })).status,
    (await fetch(`${base}/v1/other`)).status,
    (await fetch(`${base}/v1/chat/completions`, { method: 'POST', body: 'x'.repeat(2 << 20) }))
      .status,
  ];

  assert.deepEqual(statuses, [400, 400, 404, 413]);
});
