/**
 * A compiled lexicon: word hash -> concept number, by open addressing in two flat arrays.
 *
 * A concept gathers words that play one part in an attack or a harm ("ignore", "disregard",
 * "vergiss", "olvida"), so that what was learned from one wording or language carries over.
 *
 * @module
 */
import { EvalsError } from '../errors.ts';
import { hashWord, mixUnit } from './hash.ts';

export interface Lexicon {
  readonly names: readonly string[];
  /** Concept number (1-based) of a word hash; 0 when the word has no concept. */
  lookup(hash: number): number;
}

const MAX_CONCEPTS = 255;

/** Ideographs are words by themselves in the tokeniser; two of them are looked up as a pair. */
function hashTerm(word: string): number {
  if (!/^[\u3041-\u30ff\u4e00-\u9fff]{2}$/.test(word)) return hashWord(word);
  return mixUnit(hashWord(word.slice(0, 1)), hashWord(word.slice(1)));
}

/** Compiles `concept name -> words separated by blanks`. The first concept to claim a word keeps it. */
export function compileLexicon(concepts: Readonly<Record<string, string>>): Lexicon {
  const names = Object.keys(concepts);
  if (names.length > MAX_CONCEPTS) {
    throw new EvalsError('EVALS_CONFIG_INVALID', `a lexicon has at most ${MAX_CONCEPTS} concepts`);
  }
  const words = names.flatMap((name, index) =>
    (concepts[name] ?? '')
      .split(/\s+/)
      .filter((word) => word !== '')
      .map((word) => ({ hash: hashTerm(word), concept: index + 1 })),
  );
  const size = 2 ** Math.ceil(Math.log2(Math.max(16, words.length * 4)));
  const mask = size - 1;
  const keys = new Int32Array(size);
  const values = new Uint8Array(size);
  for (const { hash, concept } of words) {
    let slot = (hash >>> 7) & mask;
    while (values[slot] !== 0 && keys[slot] !== hash) slot = (slot + 1) & mask;
    if (values[slot] !== 0) continue;
    keys[slot] = hash;
    values[slot] = concept;
  }
  return {
    names,
    lookup(hash) {
      let slot = (hash >>> 7) & mask;
      while (values[slot] !== 0) {
        if (keys[slot] === hash) return values[slot] ?? 0;
        slot = (slot + 1) & mask;
      }
      return 0;
    },
  };
}
