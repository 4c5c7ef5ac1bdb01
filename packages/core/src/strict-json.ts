/**
 * A JSON reader for input that an attacker wrote.
 *
 * `JSON.parse` keeps the last of two equal keys and so lets two readers see two documents. This
 * reader refuses duplicate keys (compared after unescaping), bounds depth, and refuses invalid
 * UTF-8, a byte order mark and anything after the value. `__proto__` becomes an ordinary own
 * property. Grammar: RFC 8259.
 *
 * @module
 */
import type { Json } from './canonical-json.ts';
import { CoreError } from './errors.ts';

export interface StrictJsonLimits {
  /** Bytes of input, default 64 MiB. */
  readonly maxBytes?: number;
  /** Nesting of arrays and objects, default 128. */
  readonly maxDepth?: number;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LITERALS: ReadonlyMap<string, Json> = new Map<string, Json>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/**
 * Reads exactly one JSON value.
 *
 * @throws {CoreError} CORE_JSON_INVALID, with `details.offset` in characters where it applies
 */
export function parseStrictJson(input: Uint8Array | string, limits: StrictJsonLimits = {}): Json {
  const maxBytes = limits.maxBytes ?? 64 * 1024 * 1024;
  if (input.length > maxBytes) throw invalid(`it is larger than ${maxBytes} bytes`, 0);
  const reader = new Reader(decode(input), limits.maxDepth ?? 128);
  return reader.document();
}

function decode(input: Uint8Array | string): string {
  if (typeof input === 'string') return input;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(input);
  } catch (cause) {
    throw new CoreError('CORE_JSON_INVALID', 'cannot read JSON: it is not valid UTF-8', { cause });
  }
}

class Reader {
  readonly #text: string;
  readonly #maxDepth: number;
  #at = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  document(): Json {
    const value = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) throw invalid('text follows the value', this.#at);
    return value;
  }

  #value(depth: number): Json {
    this.#space();
    const first = this.#text[this.#at];
    if (first === '{' || first === '[') {
      if (depth >= this.#maxDepth) throw invalid(`deeper than ${this.#maxDepth}`, this.#at);
      return first === '{' ? this.#object(depth + 1) : this.#array(depth + 1);
    }
    if (first === '"') return this.#string();
    return this.#scalar();
  }

  #object(depth: number): Json {
    const result: Record<string, Json> = {};
    this.#at += 1;
    if (this.#take('}')) return result;
    do {
      this.#space();
      if (this.#text[this.#at] !== '"') throw invalid('a key was expected', this.#at);
      const keyAt = this.#at;
      const key = this.#string();
      if (Object.hasOwn(result, key)) throw invalid('a key appears twice in one object', keyAt);
      if (!this.#take(':')) throw invalid('":" was expected', this.#at);
      const value = this.#value(depth);
      // An own property even for "__proto__", which plain assignment would treat as the prototype.
      Object.defineProperty(result, key, {
        value,
        enumerable: true,
        writable: true,
        configurable: true,
      });
    } while (this.#take(','));
    if (!this.#take('}')) throw invalid('"," or "}" was expected', this.#at);
    return result;
  }

  #array(depth: number): Json {
    const result: Json[] = [];
    this.#at += 1;
    if (this.#take(']')) return result;
    do result.push(this.#value(depth));
    while (this.#take(','));
    if (!this.#take(']')) throw invalid('"," or "]" was expected', this.#at);
    return result;
  }

  #string(): string {
    const start = this.#at;
    let at = start + 1;
    for (; at < this.#text.length; at += 1) {
      const code = this.#text.charCodeAt(at);
      if (code === 0x22) break;
      if (code === 0x5c) at += 1;
      else if (code < 0x20) throw invalid('a control character stands in a string', at);
    }
    if (at >= this.#text.length) throw invalid('a string does not end', start);
    this.#at = at + 1;
    try {
      return JSON.parse(this.#text.slice(start, at + 1)) as string;
    } catch {
      throw invalid('a string has a bad escape', start);
    }
  }

  #scalar(): Json {
    for (const [word, value] of LITERALS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.#text);
    if (match === null) throw invalid('a value was expected', this.#at);
    this.#at += match[0].length;
    const value = Number(match[0]);
    if (!Number.isFinite(value)) throw invalid('a number is too large', this.#at);
    return value;
  }

  #take(character: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }
}

function invalid(why: string, offset: number): CoreError {
  return new CoreError('CORE_JSON_INVALID', `cannot read JSON at character ${offset}: ${why}`, {
    details: { offset },
  });
}
