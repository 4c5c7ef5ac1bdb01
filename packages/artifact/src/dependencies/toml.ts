/**
 * TOML 1.0, as far as lock files use it, read strictly.
 *
 * Dates stay text. A key that is defined twice is refused, whichever way it is spelt, so that two
 * readers cannot see two documents. `__proto__` becomes an ordinary own property. Depth and size
 * are bounded; the grammar is read in one pass without backtracking.
 *
 * @module
 */
import type { Json } from '@proofmark/core';

import { ArtifactError } from '../errors.ts';

interface Table {
  [key: string]: Json;
}

const MAX_DEPTH = 64;
const BARE_KEY = /[A-Za-z0-9_-]+/y;
const SCALAR = /[^\s,\]}#]+(?: \d{2}:\d{2}:\d{2}[^\s,\]}#]*)?/y;
const INTEGER = /^[+-]?(?:0|[1-9](?:_?\d)*)$/;
const RADIX = /^0(?:x[0-9A-Fa-f](?:_?[0-9A-Fa-f])*|o[0-7](?:_?[0-7])*|b[01](?:_?[01])*)$/;
const FLOAT = /^[+-]?(?:0|[1-9](?:_?\d)*)(?:\.\d(?:_?\d)*)?(?:[eE][+-]?\d(?:_?\d)*)?$/;
const DATE = /^(?:\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}:\d{2}\S*)?|\d{2}:\d{2}:\d{2}\S*)$/;
const ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  t: '\t',
  n: '\n',
  f: '\f',
  r: '\r',
  '"': '"',
  '\\': '\\',
};

/** Reads a document. @throws {ArtifactError} ARTIFACT_LOCK_FILE_INVALID */
export function parseToml(text: string): Readonly<Record<string, Json>> {
  return new Reader(text).document();
}

class Reader {
  readonly #text: string;
  #at = 0;
  /** Tables that a header or an inline table has closed: they cannot be opened again. */
  readonly #defined = new Set<Table>();
  readonly #arrays = new Set<readonly Json[]>();

  constructor(text: string) {
    this.#text = text.startsWith('\uFEFF') ? text.slice(1) : text;
  }

  document(): Table {
    const root: Table = {};
    let current = root;
    for (;;) {
      this.#blank(true);
      if (this.#at >= this.#text.length) return root;
      if (this.#peek() === '[') current = this.#header(root);
      else this.#assign(current, 0);
      this.#endOfLine();
    }
  }

  #header(root: Table): Table {
    const isArray = this.#text.startsWith('[[', this.#at);
    this.#at += isArray ? 2 : 1;
    const path = this.#key();
    if (!this.#text.startsWith(isArray ? ']]' : ']', this.#at)) throw this.#bad('"]" expected');
    this.#at += isArray ? 2 : 1;
    const last = path.pop() ?? '';
    let table = root;
    for (const part of path) table = this.#child(table, part);
    if (isArray) return this.#element(table, last);
    const target = this.#child(table, last);
    if (this.#defined.has(target)) throw this.#bad(`the table ${last} is defined twice`);
    this.#defined.add(target);
    return target;
  }

  #element(table: Table, key: string): Table {
    const existing = own(table, key);
    const element: Table = {};
    this.#defined.add(element);
    if (existing === undefined) {
      const list: Json[] = [element];
      this.#arrays.add(list);
      define(table, key, list);
    } else if (Array.isArray(existing) && this.#arrays.has(existing)) {
      existing.push(element);
    } else throw this.#bad(`${key} is no list of tables`);
    return element;
  }

  /** The table of that name, made when absent; the last one of a list of tables. */
  #child(table: Table, key: string): Table {
    const existing = own(table, key);
    if (existing === undefined) {
      const made: Table = {};
      define(table, key, made);
      return made;
    }
    const target: unknown = Array.isArray(existing) ? existing.at(-1) : existing;
    if (Array.isArray(existing) && !this.#arrays.has(existing)) throw this.#bad(`${key} is closed`);
    if (!isTable(target)) throw this.#bad(`${key} is no table`);
    return target;
  }

  #assign(table: Table, depth: number): void {
    const path = this.#key();
    const last = path.pop() ?? '';
    let target = table;
    for (const part of path) {
      const before = own(target, part);
      target = this.#child(target, part);
      if (before !== undefined && this.#defined.has(target)) throw this.#bad(`${part} is closed`);
    }
    if (this.#peek() !== '=') throw this.#bad('"=" expected');
    this.#at += 1;
    this.#blank(false);
    if (own(target, last) !== undefined) throw this.#bad(`${last} is defined twice`);
    define(target, last, this.#value(depth + 1));
  }

  #key(): string[] {
    const parts: string[] = [];
    for (;;) {
      this.#blank(false);
      const quote = this.#peek();
      if (quote === '"' || quote === "'") parts.push(this.#string(quote));
      else {
        BARE_KEY.lastIndex = this.#at;
        const match = BARE_KEY.exec(this.#text);
        if (match === null) throw this.#bad('a key was expected');
        this.#at += match[0].length;
        parts.push(match[0]);
      }
      if (parts.length > MAX_DEPTH) throw this.#bad('a key is too deep');
      this.#blank(false);
      if (this.#peek() !== '.') return parts;
      this.#at += 1;
    }
  }

  #value(depth: number): Json {
    if (depth > MAX_DEPTH) throw this.#bad('values nest too deep');
    const first = this.#peek();
    if (first === '"' || first === "'") {
      return this.#text.startsWith(first.repeat(3), this.#at)
        ? this.#longString(first)
        : this.#string(first);
    }
    if (first === '[') return this.#list(depth);
    if (first === '{') return this.#inline(depth);
    SCALAR.lastIndex = this.#at;
    const word = SCALAR.exec(this.#text)?.[0];
    if (word === undefined) throw this.#bad('a value was expected');
    const value = scalar(word);
    if (value === undefined) throw this.#bad(`"${word.slice(0, 40)}" is no value`);
    this.#at += word.length;
    return value;
  }

  #list(depth: number): Json[] {
    const items: Json[] = [];
    this.#at += 1;
    for (;;) {
      this.#blank(true);
      if (this.#peek() === ']') break;
      items.push(this.#value(depth + 1));
      this.#blank(true);
      if (this.#peek() === ',') this.#at += 1;
      else if (this.#peek() !== ']') throw this.#bad('"," or "]" expected');
    }
    this.#at += 1;
    return items;
  }

  #inline(depth: number): Table {
    const table: Table = {};
    this.#at += 1;
    this.#blank(false);
    while (this.#peek() !== '}') {
      this.#assign(table, depth);
      this.#blank(false);
      if (this.#peek() === ',') this.#at += 1;
      else if (this.#peek() !== '}') throw this.#bad('"," or "}" expected');
      this.#blank(false);
    }
    this.#at += 1;
    this.#defined.add(table);
    return table;
  }

  #string(quote: string): string {
    const start = this.#at + 1;
    let at = start;
    for (; this.#text[at] !== quote; at += 1) {
      const character = this.#text[at];
      if (character === undefined || character === '\n') throw this.#bad('a text does not end');
      if (character === '\\' && quote === '"') at += 1;
    }
    this.#at = at + 1;
    const raw = this.#text.slice(start, at);
    return quote === '"' ? this.#unescape(raw) : raw;
  }

  #longString(quote: string): string {
    const mark = quote.repeat(3);
    const start = this.#at + 3;
    let end = this.#text.indexOf(mark, start);
    while (end >= 0 && quote === '"' && isEscaped(this.#text, end)) {
      end = this.#text.indexOf(mark, end + 1);
    }
    if (end < 0) throw this.#bad('a long text does not end');
    while (this.#text[end + 3] === quote) end += 1; // quotes may stand before the closing ones
    this.#at = end + 3;
    const raw = this.#text.slice(start, end).replace(/^\r?\n/, '');
    return quote === '"' ? this.#unescape(raw.replace(/\\[ \t]*\r?\n\s*/g, '')) : raw;
  }

  #unescape(raw: string): string {
    return raw.replace(
      /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([\s\S]?))/g,
      (_, short?: string, long?: string, letter?: string) => {
        const code = short ?? long;
        if (code !== undefined) {
          const point = Number.parseInt(code, 16);
          if (point > 0x10ffff) throw this.#bad('an escape is no character');
          return String.fromCodePoint(point);
        }
        const plain = Object.hasOwn(ESCAPES, letter ?? '') ? ESCAPES[letter ?? ''] : undefined;
        if (plain === undefined) throw this.#bad('an escape is unknown');
        return plain;
      },
    );
  }

  #endOfLine(): void {
    this.#blank(false);
    const next = this.#peek();
    if (next === '' || next === '\n' || this.#text.startsWith('\r\n', this.#at)) return;
    throw this.#bad('the line should end here');
  }

  /** Skips blanks and comments; line ends too where a value may span lines. */
  #blank(lines: boolean): void {
    for (; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text[this.#at] ?? '';
      if (character === '#') {
        const end = this.#text.indexOf('\n', this.#at);
        this.#at = (end < 0 ? this.#text.length : end) - 1;
      } else if (character !== ' ' && character !== '\t') {
        if (!lines || (character !== '\n' && character !== '\r')) return;
      }
    }
  }

  #peek(): string {
    return this.#text[this.#at] ?? '';
  }

  #bad(why: string): ArtifactError {
    return new ArtifactError(
      'ARTIFACT_LOCK_FILE_INVALID',
      `cannot read the lock file: TOML at character ${this.#at}: ${why}`,
      { details: { offset: this.#at } },
    );
  }
}

function scalar(word: string): Json | undefined {
  if (word === 'true' || word === 'false') return word === 'true';
  if (INTEGER.test(word) || FLOAT.test(word)) return Number(word.replaceAll('_', ''));
  if (RADIX.test(word)) return Number(word.replaceAll('_', ''));
  return DATE.test(word) || /^[+-]?(?:inf|nan)$/.test(word) ? word : undefined;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text[at - 1 - slashes] === '\\') slashes += 1;
  return slashes % 2 === 1;
}

function own(table: Table, key: string): Json | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function define(table: Table, key: string, value: Json): void {
  Object.defineProperty(table, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
