/**
 * Reads what the model server answered: a whole completion, or one chunk of a stream.
 *
 * The model process is not trusted: answers are read as strictly as requests (no duplicate keys, so
 * a client cannot read another text than the guardrails did), must name the route's model, and
 * every string inside a message counts as text for the guardrails, whatever its field is called.
 *
 * @module
 */
import { excerpt, parseStrictJson } from '@proofmark/core';
import type { Json, JsonObject } from '@proofmark/core';

import { GatewayError } from '../errors.ts';
import { isObject, textsIn } from './json-place.ts';
import type { TextAt } from './json-place.ts';

export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** A text of an answer, and which of the answer's texts it continues. */
export interface AnswerText extends TextAt {
  /** Stable over the chunks of a stream, such as `choices[0].content`. */
  readonly channel: string;
}

export interface ChatAnswer {
  readonly value: JsonObject;
  readonly id: string;
  /** As the model server wrote it; one of the route's names. */
  readonly model: string;
  readonly texts: readonly AnswerText[];
  readonly usage: Usage | null;
  readonly finishReasons: readonly string[];
}

const MAX_DEPTH = 32;
const MAX_CHOICES = 64;
/** Identifiers and enumerations, not text. */
const NOT_TEXT: ReadonlySet<string> = new Set(['role', 'type', 'id']);

/**
 * @param member `message` for a whole completion, `delta` for a chunk
 * @throws {GatewayError} GATEWAY_UPSTREAM_INVALID, GATEWAY_MODEL_MISMATCH
 */
export function readChatAnswer(
  bytes: Uint8Array | string,
  member: 'message' | 'delta',
  names: ReadonlySet<string>,
): ChatAnswer {
  const value = parse(bytes);
  if (isObject(value['error'])) {
    throw new GatewayError('GATEWAY_UPSTREAM_UNAVAILABLE', 'the model server failed; try again');
  }
  const { id, model, choices } = value;
  if (typeof model !== 'string') throw invalid('it names no model');
  if (!names.has(model)) throw mismatch(model, names);
  if (!Array.isArray(choices) || choices.length > MAX_CHOICES) throw invalid('it has no choices');
  const read = (choices as readonly Json[]).map((choice, at) => readChoice(choice, at, member));
  return {
    value,
    id: typeof id === 'string' ? id : '',
    model,
    texts: read.flatMap(({ texts }) => texts),
    usage: readUsage(value['usage']),
    finishReasons: read.flatMap(({ finish }) => finish),
  };
}

function parse(bytes: Uint8Array | string): JsonObject {
  let value: Json;
  try {
    value = parseStrictJson(bytes, { maxDepth: MAX_DEPTH });
  } catch (cause) {
    throw invalid('it is not JSON', cause);
  }
  if (!isObject(value)) throw invalid('it is not a JSON object');
  return value;
}

function readChoice(
  choice: Json,
  at: number,
  member: 'message' | 'delta',
): { readonly texts: readonly AnswerText[]; readonly finish: readonly string[] } {
  if (!isObject(choice)) throw invalid('a choice is not an object');
  const { index, finish_reason: finish } = choice;
  const number = typeof index === 'number' && Number.isSafeInteger(index) ? index : at;
  const message = choice[member] ?? null;
  const place = ['choices', at, member];
  return {
    texts: textsIn(message, place, NOT_TEXT).map((text) => ({
      ...text,
      channel: channelOf(number, text.place.slice(place.length), message),
    })),
    finish: typeof finish === 'string' ? [finish.slice(0, 32)] : [],
  };
}

/**
 * Chunks of a tool call carry the call's number in `index`, wherever in the list they stand; every
 * other text continues the one of the same name.
 */
function channelOf(choice: number, rest: TextAt['place'], message: Json): string {
  const steps = rest.map((step, depth) => {
    if (typeof step === 'string') return `.${step}`;
    const call = depth === 1 && isObject(message) ? message['tool_calls'] : null;
    const item = Array.isArray(call) ? (call as readonly Json[])[step] : null;
    const index = isObject(item ?? null) ? (item as JsonObject)['index'] : undefined;
    return `[${typeof index === 'number' ? index : step}]`;
  });
  return `choices[${choice}]${steps.join('')}`;
}

function readUsage(usage: Json | undefined): Usage | null {
  if (!isObject(usage)) return null;
  const { prompt_tokens: input, completion_tokens: output } = usage;
  return { inputTokens: count(input), outputTokens: count(output) };
}

function count(value: Json | undefined): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

function mismatch(model: string, names: ReadonlySet<string>): GatewayError {
  const expected = [...names].map((name) => `"${excerpt(name)}"`).join(' or ');
  return new GatewayError(
    'GATEWAY_MODEL_MISMATCH',
    `cannot pass the answer on: it is by "${excerpt(model)}" and this route serves ${expected}; the operator must check what runs there`,
    { details: { claimedModel: excerpt(model) } },
  );
}

function invalid(why: string, cause?: unknown): GatewayError {
  return new GatewayError(
    'GATEWAY_UPSTREAM_INVALID',
    `cannot pass the answer of the model on: ${why}; try again, and tell the operator if it persists`,
    cause === undefined ? {} : { cause },
  );
}
