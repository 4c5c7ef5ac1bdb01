import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';

import { createModelServer } from '../../src/model-server/http.ts';
import { shippedModel } from './shipped-model.ts';

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

describe('the model server', () => {
  let server: Server;
  let port = 0;

  before(async () => {
    server = createModelServer(shippedModel());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });

  after(() => server.close());

  const call = (method: string, path: string, body?: string): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const sent = httpRequest({ port, host: '127.0.0.1', method, path }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  const chat = (body: object): Promise<Reply> =>
    call(
      'POST',
      '/v1/chat/completions',
      JSON.stringify({
        model: 'm',
        temperature: 0,
        messages: [{ role: 'user', content: 'Where is my order?' }],
        ...body,
      }),
    );

  test('answers a chat completion in the OpenAI shape', async () => {
    const { status, text } = await chat({});
    const body = JSON.parse(text) as {
      object: string;
      model: string;
      choices: { message: { content: string }; finish_reason: string }[];
      usage: { total_tokens: number; prompt_tokens: number; completion_tokens: number };
    };

    assert.equal(status, 200);
    assert.equal(body.object, 'chat.completion');
    assert.equal(body.model, 'm');
    assert.equal(body.choices[0]?.finish_reason, 'stop');
    assert.match(body.choices[0].message.content, /order|parcel/i);
    assert.equal(body.usage.total_tokens, body.usage.prompt_tokens + body.usage.completion_tokens);
  });

  test('a stream says the same as the whole answer, ends with usage and [DONE]', async () => {
    const whole = JSON.parse((await chat({})).text) as {
      choices: { message: { content: string } }[];
    };

    const { headers, text } = await chat({ stream: true, stream_options: { include_usage: true } });

    const events = text.split('\n\n').filter((line) => line !== '');
    assert.match(String(headers['content-type']), /text\/event-stream/);
    assert.equal(events.at(-1), 'data: [DONE]');
    const chunks = events.slice(0, -1).map(
      (e) =>
        JSON.parse(e.slice('data: '.length)) as {
          choices: { delta: { content?: string } }[];
          usage: { total_tokens: number } | null;
        },
    );
    assert.equal(
      chunks.map((c) => c.choices[0]?.delta.content ?? '').join(''),
      whole.choices[0]?.message.content,
    );
    assert.ok((chunks.at(-1)?.usage?.total_tokens ?? 0) > 0);
  });

  test('health and models answer; anything else is 404 in the OpenAI error shape', async () => {
    assert.equal((await call('GET', '/health')).status, 200);
    assert.equal((await call('GET', '/v1/models')).status, 200);
    const { status, text } = await call('POST', '/invocations', '{}');
    assert.equal(status, 404);
    assert.equal((JSON.parse(text) as { error: { code: string } }).error.code, 'not_found');
  });

  test('bad input is a 4xx and the server lives on', async () => {
    assert.equal((await call('POST', '/v1/chat/completions', 'not json')).status, 400);
    assert.equal((await chat({ n: 5 })).status, 400);
    assert.equal(
      (await chat({ messages: [{ role: 'user', content: 'word '.repeat(5000) }] })).status,
      400,
    );
    assert.equal(
      (await chat({ messages: [{ role: 'user', content: 'x'.repeat(2 * 1024 * 1024) }] })).status,
      413,
    );
    assert.equal((await call('GET', '/health')).status, 200);
  });

  test('a client that leaves stops its own answer only', async () => {
    await new Promise<void>((resolve) => {
      const left = httpRequest(
        { port, host: '127.0.0.1', method: 'POST', path: '/v1/chat/completions' },
        (response) => {
          response.once('data', () => {
            left.destroy();
            resolve();
          });
          response.on('error', () => undefined);
        },
      );
      left.on('error', () => undefined);
      left.end(JSON.stringify({ stream: true, messages: [{ role: 'user', content: 'Hello' }] }));
    });

    assert.equal((await chat({})).status, 200);
  });
});
