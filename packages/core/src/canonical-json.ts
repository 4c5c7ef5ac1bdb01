/**
 * JSON Canonicalization Scheme (RFC 8785): one value, one byte string.
 *
 * Keys are ordered by UTF-16 code units and numbers written as ECMAScript does, which RFC 8785
 * section 3.2.2.3 prescribes and `JSON.stringify` implements. Anything without a canonical form is
 * refused rather than dropped: `undefined`, NaN, infinities, bigints, lone surrogates, class
 * instances other than plain objects and arrays.
 *
 * @module
 */
import { CoreError } from './errors.ts';

/** A JSON value. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json };

const MAX_DEPTH = 128;

/**
 * Writes `value` in canonical form.
 *
 * @throws {CoreError} CORE_JSON_NOT_CANONICAL
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) throw refuse(`nesting deeper than ${MAX_DEPTH}`);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return writeNumber(value);
  if (typeof value === 'string') return writeString(value);
  if (Array.isArray(value)) return `[${value.map((item) => write(item, depth + 1)).join(',')}]`;
  if (typeof value === 'object') return writeObject(value, depth);
  throw refuse(`a value of type ${typeof value}`);
}

function writeNumber(value: number): string {
  if (!Number.isFinite(value)) throw refuse('a number that is not finite');
  return JSON.stringify(value);
}

function writeString(value: string): string {
  if (!value.isWellFormed()) throw refuse('a string with a lone surrogate');
  return JSON.stringify(value);
}

function writeObject(value: object, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw refuse('a class instance');
  const members = Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, member]) => `${writeString(key)}:${write(member, depth + 1)}`);
  return `{${members.join(',')}}`;
}

function refuse(what: string): CoreError {
  return new CoreError(
    'CORE_JSON_NOT_CANONICAL',
    `cannot write canonical JSON: ${what} has no canonical form`,
  );
}
