/**
 * The HTTP face of a GGUF model: `GET /health`, `GET /v1/models`, `POST /v1/chat/completions`.
 *
 * Same request reader and error shape as the model server beside it, so that a client cannot tell
 * which one answers.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

import { readChatRequest } from '../model-server/chat-request.ts';
import type { ChatRequest } from '../model-server/chat-request.ts';
import { ServeError } from '../model-server/errors.ts';
import type { ServeErrorCode } from '../model-server/errors.ts';
import type { Engine, EngineResult } from './engine.ts';

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_WAITING = 32;
const MODEL_ID = 'model';
const STATUS: Readonly<Record<ServeErrorCode, number>> = {
  model_invalid: 500,
  model_not_found: 404,
  invalid_request: 400,
  context_length_exceeded: 400,
  not_found: 404,
  request_too_large: 413,
  overloaded: 429,
};

interface Head {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

export function createGgufServer(engine: Engine): Server {
  let waiting = 0;
  const server = createServer((request, response) => {
    void (async () => {
      waiting += 1;
      try {
        if (waiting > MAX_WAITING) throw new ServeError('overloaded', 'too many requests at once');
        await route(engine, request, response);
      } catch (error) {
        sendError(response, error);
      } finally {
        waiting -= 1;
      }
    })();
  });
  server.requestTimeout = 30_000;
  server.headersTimeout = 10_000;
  return server;
}

async function route(
  engine: Engine,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '').split('?')[0] ?? '';
  switch (`${request.method} ${path}`) {
    case 'GET /health':
      return sendJson(response, 200, { status: 'ok' });
    case 'GET /v1/models':
      return sendJson(response, 200, {
        object: 'list',
        data: [{ id: MODEL_ID, object: 'model', created: 0, owned_by: 'local' }],
      });
    case 'POST /v1/chat/completions':
      return complete(engine, readChatRequest(await readBody(request)), response);
    default:
      throw new ServeError('not_found', 'no such endpoint');
  }
}

async function complete(
  engine: Engine,
  chat: ChatRequest,
  response: ServerResponse,
): Promise<void> {
  const controller = new AbortController();
  response.on('close', () => controller.abort());
  const head: Head = {
    id: `chatcmpl-${randomUUID()}`,
    created: Math.floor(Date.now() / 1000),
    model: chat.model === '' ? MODEL_ID : chat.model,
  };
  if (chat.stream) return stream(engine, chat, head, { response, signal: controller.signal });
  let content = '';
  const result = await engine.chat(chat, controller.signal, (text) => (content += text));
  sendJson(response, 200, {
    ...head,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content, refusal: null },
        logprobs: null,
        finish_reason: result.finishReason,
      },
    ],
    usage: usageOf(result),
  });
}

async function stream(
  engine: Engine,
  chat: ChatRequest,
  head: Head,
  out: { readonly response: ServerResponse; readonly signal: AbortSignal },
): Promise<void> {
  const { response } = out;
  const event = (data: object): void => {
    const body = { ...head, object: 'chat.completion.chunk', ...data };
    response.write(`data: ${JSON.stringify(body)}\n\n`);
  };
  const choice = (delta: object, finish: string | null): object => ({
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    ...(chat.includeUsage ? { usage: null } : {}),
  });
  let begun = false;
  const begin = (): void => {
    if (begun) return;
    begun = true;
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    event(choice({ role: 'assistant', content: '' }, null));
  };
  const result = await engine.chat(chat, out.signal, (text) => {
    begin();
    event(choice({ content: text }, null));
  });
  begin();
  event(choice({}, result.finishReason));
  if (chat.includeUsage) event({ choices: [], usage: usageOf(result) });
  response.end('data: [DONE]\n\n');
}

function usageOf({ promptTokens, completionTokens }: EngineResult): object {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
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
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}

function sendError(response: ServerResponse, error: unknown): void {
  // A stream that had begun must break, never end as if it were whole.
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  if (!(error instanceof ServeError)) {
    const failed = { message: 'the model server failed', type: 'server_error', param: null };
    sendJson(response, 500, { error: { ...failed, code: 'internal_error' } });
    return;
  }
  const { message, param, code } = error;
  const status = STATUS[code];
  const type = status >= 500 ? 'server_error' : 'invalid_request_error';
  sendJson(response, status, { error: { message, type, param, code } });
}
