/**
 * Reads the body of `POST /v1/chat/completions` as far as this model can honour it.
 *
 * A parameter that would change the answer and is not supported is refused, not ignored.
 *
 * @module
 */
import type { ChatMessage, ChatRole } from './chat-template.ts';
import { ServeError } from './errors.ts';
import type { GenerateRequest } from './generate.ts';

export interface ChatRequest extends GenerateRequest {
  readonly model: string;
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

const ROLES: Readonly<Record<string, ChatRole>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'assistant',
  tool: 'tool',
};
const MAX_MESSAGES = 1000;
const DEFAULT_MAX_TOKENS = 160;
/** Beyond this an answer is cut, whatever was asked; the context usually ends it long before. */
const MAX_TOKENS = 16_384;
/** Neutral values of parameters that are not honoured: sent by many clients, and harmless as such. */
const NEUTRAL: readonly (readonly [string, readonly unknown[]])[] = [
  ['frequency_penalty', [0]],
  ['presence_penalty', [0]],
  ['logprobs', [false]],
  ['n', [1]],
];

type Body = Readonly<Record<string, unknown>>;

/** @throws {ServeError} invalid_request */
export function readChatRequest(text: string): ChatRequest {
  const body = readBody(text);
  refuseUnsupported(body);
  const maxTokens = body['max_completion_tokens'] ?? body['max_tokens'] ?? DEFAULT_MAX_TOKENS;
  const stop = body['stop'] ?? [];
  return {
    model: typeof body['model'] === 'string' ? body['model'] : '',
    stream: body['stream'] === true,
    includeUsage: readStreamOptions(body['stream_options']),
    messages: readMessages(body['messages']),
    maxTokens: Math.min(whole(maxTokens, 'max_tokens', 1, Number.MAX_SAFE_INTEGER), MAX_TOKENS),
    stop: readStop(typeof stop === 'string' ? [stop] : stop),
    sampling: {
      temperature: real(body['temperature'] ?? 0.7, 'temperature', 0, 2),
      topP: real(body['top_p'] ?? 0.95, 'top_p', 0.000_001, 1),
      // Without a seed the same request gets the same answer: what was tested is what is served.
      seed: whole(body['seed'] ?? 0, 'seed', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    },
  };
}

function readBody(text: string): Body {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Body;
  } catch {
    // Refused below, without the text.
  }
  throw new ServeError('invalid_request', 'the body is not a JSON object');
}

function refuseUnsupported(body: Body): void {
  for (const [param, values] of NEUTRAL) {
    const value = body[param] ?? values[0];
    if (!values.includes(value)) throw bad(param, `only ${JSON.stringify(values[0])} is supported`);
  }
  for (const param of ['tools', 'functions', 'logit_bias']) {
    if (Object.keys(body[param] ?? {}).length > 0) throw bad(param, 'not supported by this model');
  }
  const format = (body['response_format'] as { readonly type?: unknown } | null | undefined)?.type;
  if (format !== undefined && format !== 'text') throw bad('response_format', 'only text');
}

function readStreamOptions(value: unknown): boolean {
  return (value as { readonly include_usage?: unknown } | null | undefined)?.include_usage === true;
}

function readMessages(value: unknown): ChatMessage[] {
  if (!Array.isArray(value) || value.length === 0) throw bad('messages', 'a list was expected');
  if (value.length > MAX_MESSAGES) throw bad('messages', `more than ${MAX_MESSAGES}`);
  return (value as readonly unknown[]).map((item, i) => {
    const { role, content } = (item ?? {}) as Body;
    const known = typeof role === 'string' && Object.hasOwn(ROLES, role) ? ROLES[role] : undefined;
    if (known === undefined) throw bad(`messages[${i}].role`, 'an unknown role');
    return { role: known, content: readContent(content, `messages[${i}].content`) };
  });
}

function readContent(value: unknown, param: string): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  if (!Array.isArray(value)) throw bad(param, 'text or a list of text parts was expected');
  return (value as readonly unknown[])
    .map((part) => {
      const { type, text } = (part ?? {}) as Body;
      if (type !== 'text' || typeof text !== 'string') throw bad(param, 'only text parts');
      return text;
    })
    .join('\n');
}

function readStop(value: unknown): string[] {
  if (!Array.isArray(value) || value.length > 4) throw bad('stop', 'at most four texts');
  return (value as readonly unknown[]).map((text) => {
    if (typeof text !== 'string' || text === '' || text.length > 200) {
      throw bad('stop', 'texts of 1 to 200 characters');
    }
    return text;
  });
}

function whole(value: unknown, param: string, min: number, max: number): number {
  const number = real(value, param, min, max);
  if (!Number.isSafeInteger(number)) throw bad(param, 'a whole number was expected');
  return number;
}

function real(value: unknown, param: string, min: number, max: number): number {
  if (typeof value === 'number' && value >= min && value <= max) return value;
  throw bad(param, `a number from ${min} to ${max} was expected`);
}

function bad(param: string, why: string): ServeError {
  return new ServeError('invalid_request', `${param}: ${why}`, param);
}
