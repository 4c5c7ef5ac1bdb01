/**
 * Texts inside a JSON value, and the value with some of them replaced.
 *
 * @module
 */
import type { Json, JsonObject } from '@proofmark/core';

export type Place = readonly (string | number)[];

export interface TextAt {
  readonly place: Place;
  readonly text: string;
}

/** Every string of `value` that is not under a key in `skip`, in document order. */
export function textsIn(value: Json, place: Place, skip: ReadonlySet<string>): TextAt[] {
  if (typeof value === 'string') return value === '' ? [] : [{ place, text: value }];
  if (Array.isArray(value)) {
    return (value as readonly Json[]).flatMap((item, at) => textsIn(item, [...place, at], skip));
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    skip.has(key) ? [] : textsIn(member, [...place, key], skip),
  );
}

/** `messages[1].content[0].text`, as OpenAI writes a parameter. */
export function placeName(place: Place): string {
  return place.reduce<string>(
    (name, step) =>
      typeof step === 'number' ? `${name}[${step}]` : name === '' ? step : `${name}.${step}`,
    '',
  );
}

/** A copy of `value` with the text at `place` replaced. The place must exist. */
export function withText(value: Json, place: Place, text: string): Json {
  const [step, ...rest] = place;
  if (step === undefined) return text;
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map((item, at) =>
      at === step ? withText(item, rest, text) : item,
    );
  }
  if (!isObject(value) || typeof step === 'number') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) =>
      key === step ? [key, withText(member, rest, text)] : [key, member],
    ),
  );
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
