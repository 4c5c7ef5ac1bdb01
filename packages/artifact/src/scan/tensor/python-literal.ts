/**
 * Reads a Python literal as it stands in a NumPy header: dict, tuple, list, text, integer, boolean.
 *
 * Nothing is evaluated: names, calls and operators are malformed.
 *
 * @module
 */
import { fault } from '../errors.ts';

export type Literal =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'none' }
  | { readonly kind: 'list' | 'tuple'; readonly items: readonly Literal[] }
  | { readonly kind: 'dict'; readonly entries: ReadonlyMap<string, Literal> };

const MAX_DEPTH = 16;
const WORDS: ReadonlyMap<string, Literal> = new Map<string, Literal>([
  ['True', { kind: 'bool', value: true }],
  ['False', { kind: 'bool', value: false }],
  ['None', { kind: 'none' }],
]);

/** Parses one literal; spaces and newlines may follow. @throws {ScanError} SCAN_MALFORMED */
export function parseLiteral(text: string): Literal {
  const reader = new LiteralReader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class LiteralReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  end(): void {
    this.#space();
    if (this.#at < this.#text.length) throw this.#bad('something follows it');
  }

  value(depth: number): Literal {
    this.#space();
    if (depth > MAX_DEPTH) throw this.#bad('it nests too deep');
    const first = this.#text[this.#at];
    if (first === '{') return this.#dict(depth);
    if (first === '[') return { kind: 'list', items: this.#items(']', depth).items };
    if (first === '(') return this.#tuple(depth);
    if (first === "'" || first === '"') return { kind: 'text', value: this.#string(first) };
    return this.#word();
  }

  #dict(depth: number): Literal {
    const entries = new Map<string, Literal>();
    this.#at += 1;
    while (!this.#take('}')) {
      const key = this.value(depth + 1);
      if (key.kind !== 'text' || !this.#take(':')) throw this.#bad('a key is not text');
      if (entries.has(key.value)) throw this.#bad('a key appears twice');
      entries.set(key.value, this.value(depth + 1));
      if (!this.#take(',') && this.#peek() !== '}') throw this.#bad('"," is missing');
    }
    return { kind: 'dict', entries };
  }

  #tuple(depth: number): Literal {
    const { items, trailing } = this.#items(')', depth);
    const [only] = items;
    if (items.length === 1 && !trailing && only !== undefined) return only;
    return { kind: 'tuple', items };
  }

  #items(close: string, depth: number): { items: Literal[]; trailing: boolean } {
    const items: Literal[] = [];
    let trailing = false;
    this.#at += 1;
    while (!this.#take(close)) {
      items.push(this.value(depth + 1));
      trailing = this.#take(',');
      if (!trailing && this.#peek() !== close) throw this.#bad('"," is missing');
    }
    return { items, trailing };
  }

  #string(quote: string): string {
    const end = this.#text.indexOf(quote, this.#at + 1);
    const value = this.#text.slice(this.#at + 1, end);
    if (end < 0 || value.includes('\\')) throw this.#bad('a text does not end or has escapes');
    this.#at = end + 1;
    return value;
  }

  #word(): Literal {
    const match = /^(?:-?\d{1,20}L?|[A-Za-z]+)/.exec(this.#text.slice(this.#at, this.#at + 24));
    const word = match?.[0] ?? '';
    this.#at += word.length;
    const known = WORDS.get(word);
    if (known !== undefined) return known;
    if (!/^-?\d/.test(word)) throw this.#bad('it holds something else than literals');
    return { kind: 'int', value: BigInt(word.replace('L', '')) };
  }

  #peek(): string | undefined {
    this.#space();
    return this.#text[this.#at];
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at += 1;
    return true;
  }

  #space(): void {
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #bad(why: string): Error {
    return fault('SCAN_MALFORMED', `the header is not a Python literal: ${why}`, this.#at);
  }
}
