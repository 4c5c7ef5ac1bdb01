/**
 * Reads the fields of a JSON document that somebody else wrote, each with its bound.
 *
 * Everything that comes in here is attacker-controlled until its signature was verified, and even
 * then its shape is not. A field is returned only when it has exactly the expected type and range;
 * anything else refuses the whole document. Fields nobody asked for are ignored, as the in-toto
 * attestation framework prescribes for consumers.
 *
 * @module
 */
import type { Json, JsonObject } from '@proofmark/core';
import { excerpt, isSha256Hex } from '@proofmark/core';

import type { RegistryErrorCode } from './errors.ts';
import { RegistryError } from './errors.ts';

const MAX_TEXT = 1024;
const MAX_ITEMS = 100_000;
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

export interface TextBounds {
  /** UTF-16 code units, default 1024. */
  readonly max?: number;
  readonly pattern?: RegExp;
}

export interface NumberBounds {
  readonly min: number;
  readonly max: number;
}

/** What a document is called in a refusal, and the code that the refusal carries. */
export interface DocumentKind {
  readonly what: string;
  readonly code: RegistryErrorCode;
}

/** One JSON object of a document, read field by field. */
export class Fields {
  readonly #object: JsonObject;
  readonly #kind: DocumentKind;
  readonly #where: string;

  constructor(value: Json | undefined, kind: DocumentKind, where = '') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw refusal(kind, where, 'an object was expected');
    }
    this.#object = value as JsonObject;
    this.#kind = kind;
    this.#where = where;
  }

  /** The object as it came, for a caller that stores or digests it. */
  get json(): JsonObject {
    return this.#object;
  }

  /** Own keys in the order they came, at most 1024 of them. */
  keys(): readonly string[] {
    const keys = Object.keys(this.#object);
    if (keys.length > MAX_TEXT) throw this.refuse('', `more than ${MAX_TEXT} keys`);
    return keys;
  }

  has(key: string): boolean {
    const value = this.#value(key);
    return value !== undefined && value !== null;
  }

  text(key: string, bounds: TextBounds = {}): string {
    const value = this.#value(key);
    if (typeof value !== 'string' || value === '') throw this.refuse(key, 'a text was expected');
    const max = bounds.max ?? MAX_TEXT;
    if (value.length > max) throw this.refuse(key, `longer than ${max} characters`);
    if (!value.isWellFormed()) throw this.refuse(key, 'not well-formed Unicode');
    if (bounds.pattern !== undefined && !bounds.pattern.test(value)) {
      throw this.refuse(key, `"${excerpt(value)}" is not allowed here`);
    }
    return value;
  }

  /** 64 lowercase hex characters. */
  digest(key: string): string {
    const value = this.#value(key);
    if (!isSha256Hex(value)) throw this.refuse(key, 'a SHA-256 in lowercase hex was expected');
    return value;
  }

  /** A whole number in [0, 2^53). */
  count(key: string): number {
    const value = this.#value(key);
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
      throw this.refuse(key, 'a count was expected');
    }
    return value;
  }

  number(key: string, bounds: NumberBounds): number {
    const value = this.#value(key);
    if (typeof value !== 'number' || !(value >= bounds.min && value <= bounds.max)) {
      throw this.refuse(key, `a number from ${bounds.min} to ${bounds.max} was expected`);
    }
    return value;
  }

  flag(key: string): boolean {
    const value = this.#value(key);
    if (typeof value !== 'boolean') throw this.refuse(key, 'true or false was expected');
    return value;
  }

  oneOf<T extends string>(key: string, allowed: readonly T[]): T {
    const value = this.#value(key);
    const found = allowed.find((word) => word === value);
    if (found === undefined) throw this.refuse(key, `one of ${allowed.join(', ')} was expected`);
    return found;
  }

  /** RFC 3339 in UTC with "Z"; returns milliseconds since the Unix epoch, finer digits dropped. */
  time(key: string): number {
    const value = this.#value(key);
    const ms = typeof value === 'string' && ISO_TIME.test(value) ? Date.parse(value) : Number.NaN;
    if (!Number.isFinite(ms))
      throw this.refuse(key, 'a time like 2026-01-31T12:00:00Z was expected');
    return ms;
  }

  object(key: string): Fields {
    return new Fields(this.#value(key), this.#kind, this.#path(key));
  }

  /** Every item of an array, read by `read`. */
  list<T>(key: string, read: (item: Fields) => T, max: number = MAX_ITEMS): readonly T[] {
    return this.#array(key, max).map((item, i) =>
      read(new Fields(item, this.#kind, `${this.#path(key)}[${i}]`)),
    );
  }

  texts(key: string, bounds: TextBounds = {}, max: number = MAX_ITEMS): readonly string[] {
    return this.#array(key, max).map((item, i) =>
      new Fields({ [i]: item }, this.#kind, this.#path(key)).text(String(i), bounds),
    );
  }

  digests(key: string, max: number = MAX_ITEMS): readonly string[] {
    return this.#array(key, max).map((item) => {
      if (!isSha256Hex(item)) throw this.refuse(key, 'an item is not a SHA-256 in lowercase hex');
      return item;
    });
  }

  numbers(key: string, bounds: NumberBounds, max: number = MAX_ITEMS): readonly number[] {
    return this.#array(key, max).map((item) => {
      if (typeof item !== 'number' || !(item >= bounds.min && item <= bounds.max)) {
        throw this.refuse(key, `an item is not a number from ${bounds.min} to ${bounds.max}`);
      }
      return item;
    });
  }

  /** The refusal of this document because of one field. */
  refuse(key: string, why: string): RegistryError {
    return refusal(this.#kind, key === '' ? this.#where : this.#path(key), why);
  }

  #array(key: string, max: number): readonly Json[] {
    const value = this.#value(key);
    if (!Array.isArray(value)) throw this.refuse(key, 'a list was expected');
    if (value.length > max) throw this.refuse(key, `more than ${max} items`);
    return value as readonly Json[];
  }

  #value(key: string): Json | undefined {
    return Object.hasOwn(this.#object, key) ? this.#object[key] : undefined;
  }

  #path(key: string): string {
    return this.#where === '' ? key : `${this.#where}.${key}`;
  }
}

function refusal(kind: DocumentKind, where: string, why: string): RegistryError {
  const at = where === '' ? '' : `${excerpt(where)}: `;
  return new RegistryError(kind.code, `cannot read the ${kind.what}: ${at}${why}`);
}
