/**
 * Looks into JSON that somebody else wrote: a value of another type is treated as absent.
 *
 * @module
 */
import type { Json, JsonObject } from '@proofmark/core';

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object at a key, or an empty one. */
export function objectAt(owner: JsonObject, key: string): JsonObject {
  const value = valueAt(owner, key);
  return isObject(value) ? value : {};
}

/** The objects of the list at a key; other items are left out. */
export function objectsAt(owner: JsonObject, key: string): readonly JsonObject[] {
  return listAt(owner, key).filter(isObject);
}

export function listAt(owner: JsonObject, key: string): readonly Json[] {
  const value = valueAt(owner, key);
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

export function textsAt(owner: JsonObject, key: string): readonly string[] {
  return listAt(owner, key).filter((item): item is string => typeof item === 'string');
}

/** The text at a key, or an empty one. */
export function textAt(owner: JsonObject, key: string): string {
  const value = valueAt(owner, key);
  return typeof value === 'string' ? value : '';
}

export function numberAt(owner: JsonObject, key: string): number | null {
  const value = valueAt(owner, key);
  return typeof value === 'number' ? value : null;
}

/** Own members only: `constructor` is a key like any other. */
export function valueAt(owner: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(owner, key) ? owner[key] : undefined;
}

/** RFC 3339 with any offset, as milliseconds since the Unix epoch; null for anything else. */
export function timeAt(owner: JsonObject, key: string): number | null {
  const text = textAt(owner, key);
  if (!/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/.test(text)) {
    return null;
  }
  const ms = Date.parse(text);
  // Go writes its zero time where it knows none.
  return Number.isFinite(ms) && ms > 0 ? ms : null;
}
