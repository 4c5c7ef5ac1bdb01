/**
 * Reads the JSON form of protocol buffers, which Sigstore's bundle and trusted root are written in:
 * absent means default, 64-bit integers may be strings, bytes are base64.
 *
 * Everything read here is attacker-controlled; a wrong shape throws, with the path of the field.
 *
 * @module
 */
import type { Json, JsonObject } from '@proofmark/core';

/** One message, with its path for refusals. */
export class ProtoMessage {
  readonly #fields: JsonObject;
  readonly #path: string;

  /** @throws {RangeError} when `value` is not an object */
  constructor(value: Json | undefined, path: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new RangeError(`${path} is not an object`);
    }
    this.#fields = value as JsonObject;
    this.#path = path;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#fields, key) && this.#fields[key] !== null;
  }

  message(key: string): ProtoMessage {
    return new ProtoMessage(this.#get(key), this.#at(key));
  }

  /** The field as it is; `null` when absent. */
  json(key: string): Json {
    return this.#get(key) ?? null;
  }

  /** An absent list is empty. @throws {RangeError} when it is longer than `max` */
  messages(key: string, max: number): readonly ProtoMessage[] {
    return this.#list(key, max).map((item, i) => new ProtoMessage(item, `${this.#at(key)}[${i}]`));
  }

  text(key: string): string {
    const value = this.#get(key);
    if (typeof value !== 'string') throw new RangeError(`${this.#at(key)} is not a text`);
    return value;
  }

  /** A whole number from 0 up to 2^53 - 1. */
  count(key: string): number {
    const value = this.#get(key);
    const number =
      typeof value === 'string' && /^(?:0|[1-9]\d{0,15})$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0) {
      throw new RangeError(`${this.#at(key)} is not a whole number`);
    }
    return number;
  }

  bytes(key: string): Uint8Array {
    return decode(this.#get(key), this.#at(key));
  }

  texts(key: string, max: number): readonly string[] {
    return this.#list(key, max).map((item) => {
      if (typeof item !== 'string') throw new RangeError(`${this.#at(key)} is not a list of texts`);
      return item;
    });
  }

  keys(): readonly string[] {
    return Object.keys(this.#fields);
  }

  byteLists(key: string, max: number): readonly Uint8Array[] {
    return this.#list(key, max).map((item, i) => decode(item, `${this.#at(key)}[${i}]`));
  }

  /** RFC 3339 in UTC, as milliseconds since the Unix epoch. */
  timeMs(key: string): number {
    const text = this.text(key);
    const timeMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(text)
      ? Date.parse(text)
      : Number.NaN;
    if (Number.isNaN(timeMs)) throw new RangeError(`${this.#at(key)} is not a time`);
    return timeMs;
  }

  #list(key: string, max: number): readonly Json[] {
    const value = this.#get(key) ?? [];
    if (!Array.isArray(value)) throw new RangeError(`${this.#at(key)} is not a list`);
    if (value.length > max) throw new RangeError(`${this.#at(key)} has more than ${max} items`);
    return value as readonly Json[];
  }

  #get(key: string): Json | undefined {
    return Object.hasOwn(this.#fields, key) ? this.#fields[key] : undefined;
  }

  #at(key: string): string {
    return `${this.#path}.${key}`;
  }
}

function decode(value: Json | undefined, path: string): Uint8Array {
  if (
    typeof value !== 'string' ||
    value.length % 4 !== 0 ||
    !/^[A-Za-z0-9+/]+={0,2}$/.test(value)
  ) {
    throw new RangeError(`${path} is not base64`);
  }
  return Buffer.from(value, 'base64');
}
