/**
 * What the tagger knows about one token: the words around it, their beginnings, endings and shapes,
 * and whether they are on the lists of names, places and ordinary words.
 *
 * The very code that training uses. Changing what a feature is makes shipped weights meaningless,
 * which `TAG_SCHEME` guards against.
 *
 * @module
 */
import { HASH_SEED, finish, mixUnit } from '../../linear/hash.ts';
import type { KnownToken, WordFacts } from './word-facts.ts';

export const TAG_SCHEME = 'token-window-1';
/** 2^17 rows of weights. */
export const TAG_BITS = 17;
export const MAX_TAG_FEATURES = 64;

const MASK = 2 ** TAG_BITS - 1;
const NOTHING: WordFacts = {
  word: 0,
  heads: [],
  tails: [],
  shape: 1,
  listed: 0,
  hasLetters: false,
};

/** Writes the rows of the features of `tokens[at]` to `out` and returns how many they are. */
export function tagFeatures(tokens: readonly KnownToken[], at: number, out: Int32Array): number {
  let used = 0;
  const add = (kind: number, first: number, second = 0): void => {
    const hash = finish(mixUnit(mixUnit(mixUnit(HASH_SEED, kind), first), second));
    out[used] = hash & MASK;
    used += 1;
  };
  const near = (distance: number): WordFacts => tokens[at + distance]?.facts ?? NOTHING;
  const here = near(0);
  const before = near(-1);
  const after = near(1);
  const flags = (place: number): number =>
    (tokens[place]?.glued === true ? 1 : 0) + (tokens[place]?.leads === true ? 2 : 0);
  const own = flags(at);

  add(0, 0);
  add(1, here.word);
  add(2, before.word);
  add(3, after.word);
  add(4, near(-2).word);
  add(5, near(2).word);
  add(6, before.word, here.word);
  add(7, here.word, after.word);
  add(8, near(-2).word, before.word);
  add(9, after.word, near(2).word);
  here.heads.forEach((head, i) => add(10 + i, head));
  here.tails.forEach((tail, i) => add(14 + i, tail));
  add(18, before.tails.at(2) ?? before.word);
  add(19, after.tails.at(2) ?? after.word);
  add(20, after.heads.at(3) ?? after.word);
  add(21, here.shape, own);
  add(22, before.shape, here.shape);
  add(23, here.shape, after.shape);
  add(24, mixUnit(before.shape, own), mixUnit(here.shape, after.shape));
  add(25, mixUnit(near(-2).shape, before.shape), here.shape);
  add(26, here.shape, mixUnit(after.shape, near(2).shape));
  add(27, here.word, here.shape);
  add(28, here.listed, here.shape);
  add(29, mixUnit(before.listed, here.listed), before.shape);
  add(30, mixUnit(here.listed, after.listed), after.shape);
  add(31, mixUnit(before.listed, here.listed), mixUnit(after.listed, here.shape));
  add(32, before.word, mixUnit(here.shape, here.listed));
  add(33, after.word, mixUnit(here.shape, here.listed));
  add(34, near(-2).word, mixUnit(before.shape, here.shape));
  add(35, near(-3).word, here.shape);
  add(36, own, flags(at + 1));
  add(37, near(-3).word, mixUnit(near(-2).word, here.shape));
  add(38, near(3).word, here.shape);
  return used;
}
