/**
 * What is known of a word by itself: its hashes, its shape, and the lists it is on.
 *
 * @module
 */
import { HASH_SEED, finish, hashWord, lowerUnit, mixUnit } from '../../linear/hash.ts';
import type { Token } from './tokens.ts';

/** Lists of words by kind; a word is kept as 24 bits of its hash. */
export const WORD_LISTS = ['given', 'last', 'place', 'common'] as const;
export type WordList = (typeof WORD_LISTS)[number];
export type WordLists = Readonly<Record<WordList, ReadonlySet<number>>>;

export interface WordFacts {
  /** Hash of the lowercased word. */
  readonly word: number;
  /** Hashes of its first one to four and last one to four units, lowercased. */
  readonly heads: readonly number[];
  readonly tails: readonly number[];
  /** Hash of what kinds of signs it is made of. */
  readonly shape: number;
  /** One bit per list that has the word. */
  readonly listed: number;
  readonly hasLetters: boolean;
}

export interface KnownToken extends Token {
  readonly facts: WordFacts;
}

/** What a list keeps of a word's hash. */
export function listKey(word: number): number {
  return finish(word) & 0xff_ffff;
}

/** Words beyond this many distinct ones are looked at again each time. */
const MAX_KEPT = 50_000;

export function lookUp(tokens: readonly Token[], lists: WordLists): readonly KnownToken[] {
  const kept = new Map<string, WordFacts>();
  return tokens.map((token) => {
    let facts = kept.get(token.value);
    if (facts === undefined) {
      facts = factsOf(token.value, lists);
      if (kept.size < MAX_KEPT) kept.set(token.value, facts);
    }
    return { ...token, facts };
  });
}

const AFFIX = 4;

function factsOf(value: string, lists: WordLists): WordFacts {
  const word = hashWord(value);
  const key = listKey(word);
  let listed = 0;
  for (const [bit, name] of WORD_LISTS.entries()) if (lists[name].has(key)) listed |= 1 << bit;
  const heads: number[] = [];
  for (let i = 0, head = HASH_SEED; i < Math.min(AFFIX, value.length); i += 1) {
    head = mixUnit(head, lowerUnit(value.charCodeAt(i)));
    heads.push(head);
  }
  const tails: number[] = [];
  for (let i = value.length - 1, tail = HASH_SEED; i >= Math.max(0, value.length - AFFIX); i -= 1) {
    tail = mixUnit(tail, lowerUnit(value.charCodeAt(i)));
    tails.push(tail);
  }
  return {
    word,
    heads,
    tails,
    shape: hashUnits(shapeOf(value)),
    listed,
    hasLetters: /\p{L}/u.test(value),
  };
}

function hashUnits(text: string): number {
  let hash = HASH_SEED;
  for (let i = 0; i < text.length; i += 1) hash = mixUnit(hash, text.charCodeAt(i));
  return hash;
}

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^\p{Lu}$/u, 'X'],
  [/^\p{Lu}\p{Ll}+$/u, 'Xx'],
  [/^\p{Ll}+$/u, 'x'],
  [/^\p{Lu}+$/u, 'XX'],
  [/^\p{N}{1,4}$/u, '9'],
  [/^\p{N}+$/u, '99999'],
  [/^\p{Script=Han}$/u, 'han'],
  [/^\p{Script=Hangul}$/u, 'hangul'],
  [/^[\p{Script=Hiragana}\p{Script=Katakana}]+$/u, 'kana'],
  [/^\p{Lu}['’]\p{Lu}\p{Ll}+$/u, "X'Xx"],
  [/^\p{Lu}\p{Ll}+\p{Lu}\p{Ll}+$/u, 'XxXx'],
  [/^[\p{Lo}\p{M}]+$/u, 'other'],
  [/^[\p{L}\p{M}'’]+$/u, 'mixed'],
];

function shapeOf(value: string): string {
  return KINDS.find(([pattern]) => pattern.test(value))?.[1] ?? value;
}
