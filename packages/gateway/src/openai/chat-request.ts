/**
 * Reads a chat completion request, and finds every text that a guardrail must see.
 *
 * The body is attacker-controlled. Duplicate keys are refused, so the model server cannot read
 * another document than we did, and the exact bytes can be forwarded. Which guardrail stage a text
 * belongs to follows from who wrote it: the user (`input`), or a tool or document (`tool_result`).
 * System, developer and assistant messages are the tenant's own words and are not examined.
 *
 * @module
 */
import { CoreError, excerpt, parseStrictJson } from '@proofmark/core';
import type { Json, JsonObject } from '@proofmark/core';
import { askedText } from '@proofmark/evals';

import { GatewayError } from '../errors.ts';
import { isObject, placeName, textsIn } from './json-place.ts';
import type { Place, TextAt } from './json-place.ts';
import { fieldProblem } from './request-fields.ts';

/** A text of the request with the stage whose guardrails examine it. */
export interface RequestText extends TextAt {
  readonly stage: 'input' | 'tool_result';
}

export interface ChatRequest {
  readonly value: JsonObject;
  readonly model: string;
  readonly stream: boolean;
  readonly texts: readonly RequestText[];
  /** The last user message: what tool results and answers are compared with. */
  readonly task: string;
  /** All that the user asked: what ContentSafety judges an answer with. */
  readonly asked: string;
}

/** What a route lets through; the same meaning as in `Route`. */
export interface RequestRules {
  readonly passFields: readonly string[];
  readonly unreadableParts: 'refuse' | 'allow';
  readonly maxMessages: number;
}

/** Nesting of a request; tool schemas are the deepest part of real ones. */
const MAX_DEPTH = 64;

/** Reads the JSON and the model's name. @throws {GatewayError} GATEWAY_REQUEST_INVALID */
export function readRequestBody(body: Uint8Array): {
  readonly value: JsonObject;
  readonly model: string;
} {
  const value = parseBody(body);
  if (!isObject(value)) throw invalid('', 'the body must be a JSON object');
  const { model } = value;
  if (typeof model !== 'string' || model === '') throw invalid('model', 'it must name a model');
  return { value, model };
}

function parseBody(body: Uint8Array): Json {
  try {
    return parseStrictJson(body, { maxDepth: MAX_DEPTH });
  } catch (cause) {
    const why = cause instanceof CoreError ? cause.message : 'cannot read JSON';
    throw new GatewayError('GATEWAY_REQUEST_INVALID', `cannot read the request: ${why}`, { cause });
  }
}

/** Checks the rest by the rules of the route. @throws {GatewayError} GATEWAY_REQUEST_INVALID */
export function readChatRequest(value: JsonObject, rules: RequestRules): ChatRequest {
  const problem = fieldProblem(value, rules.passFields);
  if (problem !== null) throw invalid(problem.param, problem.why);
  const { messages, documents, model, stream } = value;
  if (!Array.isArray(messages) || messages.length === 0) {
    throw invalid('messages', 'it must be a list of at least one message');
  }
  if (messages.length > rules.maxMessages) {
    throw invalid('messages', `it has more than ${rules.maxMessages} messages`);
  }
  const read = (messages as readonly Json[]).map((message, at) => readMessage(message, at, rules));
  const asked = read
    .filter(({ role }) => role === 'user')
    .map(({ texts }) => texts.map(({ text }) => text).join('\n'));
  const retrieved = textsIn(documents ?? null, ['documents'], new Set());
  return {
    value,
    model: typeof model === 'string' ? model : '',
    stream: stream === true,
    texts: [
      ...read.flatMap(({ texts }) => texts),
      ...retrieved.map((at): RequestText => ({ ...at, stage: 'tool_result' })),
    ],
    task: asked.at(-1) ?? '',
    asked: askedText(asked),
  };
}

type Role = 'system' | 'developer' | 'user' | 'assistant' | 'tool' | 'function';

const STAGES: Readonly<Record<Role, RequestText['stage'] | null>> = {
  system: null,
  developer: null,
  assistant: null,
  user: 'input',
  tool: 'tool_result',
  function: 'tool_result',
};

/** A chat template can print any key of a message, so keys that nobody examines are refused. */
const FOREIGN_FIELDS: ReadonlySet<string> = new Set(['role', 'content', 'name', 'tool_call_id']);
const OWN_FIELDS: ReadonlySet<string> = new Set([
  ...FOREIGN_FIELDS,
  'tool_calls',
  'function_call',
  'refusal',
  'reasoning_content',
]);
const NAME = /^[A-Za-z0-9_.-]{1,64}$/;

function readMessage(
  message: Json,
  at: number,
  rules: RequestRules,
): { readonly role: Role; readonly texts: readonly RequestText[] } {
  const param = `messages[${at}]`;
  if (!isObject(message)) throw invalid(param, 'it must be an object');
  const { role } = message;
  if (!isRole(role)) throw invalid(`${param}.role`, 'it must be system, user, assistant or tool');
  checkFields(message, STAGES[role] === null ? OWN_FIELDS : FOREIGN_FIELDS, param);
  const texts = readContent(message['content'], ['messages', at, 'content'], rules);
  if (texts === null && role !== 'assistant') throw invalid(`${param}.content`, 'it is missing');
  const stage = STAGES[role];
  return {
    role,
    texts: stage === null ? [] : (texts ?? []).map((text) => ({ ...text, stage })),
  };
}

function checkFields(message: JsonObject, known: ReadonlySet<string>, param: string): void {
  for (const [key, value] of Object.entries(message)) {
    if (!known.has(key)) throw invalid(`${param}.${key}`, 'such a message has no such field');
    if ((key === 'name' || key === 'tool_call_id') && value !== null && !isName(value)) {
      throw invalid(`${param}.${key}`, 'it must be 1 to 64 letters, digits and ._-');
    }
  }
}

function isName(value: Json): boolean {
  return typeof value === 'string' && NAME.test(value);
}

/** The texts of a message's content; null when there is none. */
function readContent(
  content: Json | undefined,
  place: Place,
  rules: RequestRules,
): TextAt[] | null {
  if (content === undefined || content === null) return null;
  if (typeof content === 'string') return [{ place, text: content }];
  if (!Array.isArray(content))
    throw invalid(placeName(place), 'it must be text or a list of parts');
  return (content as readonly Json[]).flatMap((part, at) => readPart(part, [...place, at], rules));
}

function readPart(part: Json, place: Place, rules: RequestRules): TextAt[] {
  if (!isObject(part)) throw invalid(placeName(place), 'a part must be an object');
  const { type, text } = part;
  if (type === 'text' && typeof text === 'string') {
    if (Object.keys(part).length > 2) throw invalid(placeName(place), 'a text part has only text');
    return [{ place: [...place, 'text'], text }];
  }
  if (type === 'refusal' && typeof part['refusal'] === 'string') {
    return [{ place: [...place, 'refusal'], text: part['refusal'] }];
  }
  if (rules.unreadableParts === 'allow') return textsIn(part, place, new Set(['type']));
  throw invalid(
    placeName(place),
    'guardrails read only text, and this route refuses what they cannot read',
  );
}

function isRole(role: Json | undefined): role is Role {
  return typeof role === 'string' && Object.hasOwn(STAGES, role);
}

function invalid(param: string, why: string): GatewayError {
  const what = param === '' ? 'the request' : `"${excerpt(param)}"`;
  return new GatewayError('GATEWAY_REQUEST_INVALID', `cannot accept ${what}: ${why}`, {
    details: param === '' ? {} : { param: excerpt(param) },
  });
}
