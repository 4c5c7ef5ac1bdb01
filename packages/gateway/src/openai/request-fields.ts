/**
 * The fields of a chat completion request (OpenAI API reference, "Create chat completion"), and
 * what each may hold.
 *
 * A field that is not here is refused unless the route passes it on by name: a gateway that forwards
 * what it does not understand cannot say what it guarded.
 *
 * @module
 */
import type { Json } from '@proofmark/core';

import { isObject } from './json-place.ts';

/** Says what the value should have been, or null when it is right. */
type Check = (value: Json) => string | null;

const MAX_CHOICES = 8;
const MAX_STOPS = 16;

const boolean: Check = (v) => (typeof v === 'boolean' ? null : 'true or false');
const text: Check = (v) => (typeof v === 'string' ? null : 'text');
const object: Check = (v) => (isObject(v) ? null : 'an object');
const array: Check = (v) => (Array.isArray(v) ? null : 'a list');
const either =
  (a: Check, b: Check): Check =>
  (v) =>
    a(v) === null || b(v) === null ? null : `${a(v)} or ${b(v)}`;
const between =
  (low: number, high: number): Check =>
  (v) =>
    typeof v === 'number' && v >= low && v <= high ? null : `a number from ${low} to ${high}`;
const whole =
  (low: number, high: number): Check =>
  (v) =>
    typeof v === 'number' && Number.isSafeInteger(v) && v >= low && v <= high
      ? null
      : `a whole number from ${low} to ${high}`;
const stops: Check = (v) =>
  typeof v === 'string' ||
  (Array.isArray(v) && v.length <= MAX_STOPS && v.every((s) => typeof s === 'string'))
    ? null
    : `text or a list of at most ${MAX_STOPS} texts`;
const textOnly: Check = (v) =>
  Array.isArray(v) && v.length === 1 && v[0] === 'text' ? null : '["text"]';

/** `model`, `messages` and `documents` are read apart; null is "not given" for every other field. */
const CHECKS: Readonly<Record<string, Check>> = {
  model: text,
  messages: array,
  documents: array,
  stream: boolean,
  stream_options: object,
  temperature: between(0, 2),
  top_p: between(0, 1),
  top_k: whole(-1, 1_000_000),
  min_p: between(0, 1),
  n: whole(1, MAX_CHOICES),
  max_tokens: whole(1, 10_000_000),
  max_completion_tokens: whole(1, 10_000_000),
  stop: stops,
  seed: whole(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  presence_penalty: between(-2, 2),
  frequency_penalty: between(-2, 2),
  repetition_penalty: between(0, 10),
  logit_bias: object,
  logprobs: boolean,
  top_logprobs: whole(0, 20),
  response_format: object,
  tools: array,
  tool_choice: either(text, object),
  parallel_tool_calls: boolean,
  functions: array,
  function_call: either(text, object),
  reasoning_effort: text,
  verbosity: text,
  modalities: textOnly,
  user: text,
  safety_identifier: text,
  prompt_cache_key: text,
  metadata: object,
  store: boolean,
  service_tier: text,
};

export interface FieldProblem {
  readonly param: string;
  readonly why: string;
}

/** The first field that is unknown or holds the wrong thing, or null. */
export function fieldProblem(
  request: Readonly<Record<string, Json>>,
  passFields: readonly string[],
): FieldProblem | null {
  for (const [param, value] of Object.entries(request)) {
    const check = Object.hasOwn(CHECKS, param) ? CHECKS[param] : undefined;
    if (check === undefined) {
      if (!passFields.includes(param)) {
        return { param, why: 'this route does not know the field; leave it out' };
      }
    } else if (value !== null) {
      const expected = check(value);
      if (expected !== null) return { param, why: `it must be ${expected}` };
    }
  }
  return null;
}
