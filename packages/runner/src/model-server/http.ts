/**
 * The HTTP face of the model: the part of the OpenAI API that one small text model can honour.
 *
 * `GET /health`, `GET /v1/models`, `POST /v1/chat/completions`, streamed or not. Up to 32 answers are
 * generated side by side, one token each in turn; beyond that requests are refused with 429 at once.
 * It listens where only the supervisor can connect, so it knows no users and no authorisation.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

import type { ChatModel } from './chat-model.ts';
import { readChatRequest } from './chat-request.ts';
import type { ChatRequest } from './chat-request.ts';
import { ServeError } from './errors.ts';
import type { ServeErrorCode } from './errors.ts';
import { generate } from './generate.ts';
import type { Generated } from './generate.ts';

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_ACTIVE = 32;
const MAX_CONNECTIONS = 256;
const MODEL_ID = 'model';

const STATUS: Readonly<Record<ServeErrorCode, number>> = {
  model_invalid: 500,
  invalid_request: 400,
  context_length_exceeded: 400,
  model_not_found: 404,
  not_found: 404,
  request_too_large: 413,
  overloaded: 429,
};

export function createModelServer(model: ChatModel): Server {
  let active = 0;
  const server = createServer((request, response) => {
    void (async () => {
      try {
        await route(request, response);
      } catch (error) {
        sendError(response, error);
      }
    })();
  });
  server.requestTimeout = 30_000;
  server.headersTimeout = 10_000;
  server.keepAliveTimeout = 75_000;
  server.maxConnections = MAX_CONNECTIONS;
  return server;

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const key = `${request.method ?? ''} ${path}`;
    if (key === 'GET /health') return sendJson(response, 200, { status: 'ok' });
    if (key === 'GET /v1/models') return sendJson(response, 200, modelList());
    if (key !== 'POST /v1/chat/completions') throw new ServeError('not_found', 'no such endpoint');
    const chat = readChatRequest(await readBody(request));
    if (active >= MAX_ACTIVE) throw new ServeError('overloaded', 'too many requests at once');
    active += 1;
    try {
      await answer(chat, response);
    } finally {
      active -= 1;
    }
  }

  async function answer(chat: ChatRequest, response: ServerResponse): Promise<void> {
    const controller = new AbortController();
    response.on('close', () => {
      if (!response.writableEnded) controller.abort();
    });
    if (response.destroyed) controller.abort();
    const head = {
      id: `chatcmpl-${randomUUID()}`,
      created: Math.floor(Date.now() / 1000),
      model: chat.model === '' ? MODEL_ID : chat.model,
    };
    const pieces = generate(model, chat, controller.signal);
    if (chat.stream) await sendStream(response, { head, pieces, chat });
    else await sendWhole(response, head, pieces);
  }
}

interface Head {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

type Pieces = AsyncGenerator<string, Generated>;

async function sendWhole(response: ServerResponse, head: Head, pieces: Pieces): Promise<void> {
  let content = '';
  let step = await pieces.next();
  while (step.done !== true) {
    content += step.value;
    step = await pieces.next();
  }
  const message = { role: 'assistant', content, refusal: null };
  sendJson(response, 200, {
    ...head,
    object: 'chat.completion',
    choices: [{ index: 0, message, logprobs: null, finish_reason: step.value.finishReason }],
    usage: usageOf(step.value),
  });
}

async function sendStream(
  response: ServerResponse,
  stream: { readonly head: Head; readonly pieces: Pieces; readonly chat: ChatRequest },
): Promise<void> {
  const { head, pieces, chat } = stream;
  const event = (data: object): void => {
    response.write(
      `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...data })}\n\n`,
    );
  };
  const choice = (delta: object, finish: string | null): object => ({
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    ...(chat.includeUsage ? { usage: null } : {}),
  });
  // The prompt is checked before the first byte goes out, so that a refusal is a status, not a stream.
  let step = await pieces.next();
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
  });
  event(choice({ role: 'assistant', content: '' }, null));
  while (step.done !== true) {
    event(choice({ content: step.value }, null));
    step = await pieces.next();
  }
  event(choice({}, step.value.finishReason));
  if (chat.includeUsage) event({ choices: [], usage: usageOf(step.value) });
  response.end('data: [DONE]\n\n');
}

function usageOf({ promptTokens, completionTokens }: Generated): object {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}

function modelList(): object {
  return {
    object: 'list',
    data: [{ id: MODEL_ID, object: 'model', created: 0, owned_by: 'local' }],
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new ServeError('request_too_large', 'the body is over 1 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...(status === 429 ? { 'retry-after': '1' } : {}),
    ...(status === 413 ? { connection: 'close' } : {}),
  });
  response.end(text);
}

function sendError(response: ServerResponse, error: unknown): void {
  // A client that left, or a stream that had begun: there is nobody to tell, or no way to.
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const known = error instanceof ServeError ? error : null;
  const status = known === null ? 500 : STATUS[known.code];
  const type = status >= 500 ? 'server_error' : 'invalid_request_error';
  const message = known?.message ?? 'the model server failed';
  sendJson(response, status, {
    error: { message, type, param: known?.param ?? null, code: known?.code ?? 'internal_error' },
  });
}
