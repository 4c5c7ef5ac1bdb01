/**
 * How far a context is from saying one sentence of an answer.
 *
 * The risk of a claim is a sum of what it has that its context lacks: words in one passage, neighbours
 * and runs of words, numbers and names, a denial or an opposite where the best passage has none. The
 * weights were set by hand on two sources and on single edits of their faithful sentences; the model
 * card says how well they carry from one to the other.
 *
 * @module
 */
import { stem } from '../text/words.ts';
import { factsOf, runsOf, tokensOf, wordsOf } from './evidence.ts';
import type { Evidence, Passage, Sentence } from './evidence.ts';
import { negations, oppositesOf } from './opposites.ts';

export interface Claim {
  readonly start: number;
  readonly end: number;
  /** 0 when the context says all of it; `TOLERATED` is where support and lack of it are even. */
  readonly risk: number;
  /** What is wrong with it, when one thing is. */
  readonly fault: 'fact' | 'contradiction' | undefined;
}

/** The risk at which a claim is held for unsupported. */
export const TOLERATED = 0.8;

const WEIGHTS = {
  sentence: 0.6,
  passage: 0.6,
  words: 0.8,
  pairs: 0.8,
  triples: 0.6,
  number: 0.6,
  name: 0.3,
  misplaced: 0.2,
  denied: 0.9,
  undenied: 0.3,
  opposite: 0.5,
  order: 0.1,
} as const;

export function weighClaim(sentence: Sentence, evidence: Evidence): Claim {
  const { start, end, text } = sentence;
  const words = wordsOf(text);
  const facts = [...new Set(factsOf(text, false))];
  if (words.length === 0 && facts.length === 0) return { start, end, risk: 0, fault: undefined };
  const match = findPassage(new Set(words), evidence);
  const absent = facts.filter((fact) => !isKnown(fact, evidence));
  const numbers = absent.filter((fact) => /^\d/.test(fact)).length;
  const misplaced = facts.filter(
    (fact) => isKnown(fact, evidence) && !match.passages.some((passage) => holds(passage, fact)),
  ).length;
  const against = contradiction(text, match);
  const risk =
    WEIGHTS.sentence * (1 - match.inSentence) +
    WEIGHTS.passage * (1 - match.inPassage) +
    WEIGHTS.words * (1 - share(words, evidence.words)) +
    WEIGHTS.pairs * (1 - share(runsOf(words, 2), evidence.pairs)) +
    WEIGHTS.triples * (1 - share(runsOf(words, 3), evidence.triples)) +
    WEIGHTS.number * Math.min(2, numbers) +
    WEIGHTS.name * Math.min(2, absent.length - numbers) +
    WEIGHTS.misplaced * Math.min(2, misplaced) +
    WEIGHTS.order * disorder(words, match.best) +
    against;
  return { start, end, risk, fault: faultOf(against, absent.length) };
}

function faultOf(against: number, absent: number): Claim['fault'] {
  if (absent > 0) return 'fact';
  return against >= WEIGHTS.opposite ? 'contradiction' : undefined;
}

interface Match {
  readonly best: Passage | undefined;
  /** Two neighbouring sentences of the context that hold the most. */
  readonly passages: readonly Passage[];
  /** Share of the claim's distinct words in the best sentence, and in the best two. */
  readonly inSentence: number;
  readonly inPassage: number;
}

function findPassage(words: ReadonlySet<string>, evidence: Evidence): Match {
  const { passages, passagesOf } = evidence;
  if (words.size === 0) return { best: undefined, passages: [], inSentence: 1, inPassage: 1 };
  const held = new Uint32Array(passages.length);
  const both = new Uint32Array(passages.length);
  for (const word of words) {
    const places = passagesOf.get(word) ?? [];
    for (const place of places) held[place] = (held[place] ?? 0) + 1;
    for (const place of new Set(places.flatMap((at) => [at, Math.max(0, at - 1)]))) {
      both[place] = (both[place] ?? 0) + 1;
    }
  }
  const [sentence, pair] = [indexOfMost(held), indexOfMost(both)];
  return {
    best: passages[sentence],
    passages: passages.slice(pair, pair + 2),
    inSentence: (held[sentence] ?? 0) / words.size,
    inPassage: (both[pair] ?? 0) / words.size,
  };
}

function indexOfMost(counts: Uint32Array): number {
  let most = 0;
  counts.forEach((count, i) => {
    if (count > (counts[most] ?? 0)) most = i;
  });
  return most;
}

/** A denial or an opposite on one side only. */
function contradiction(text: string, { best, inSentence }: Match): number {
  if (best === undefined) return 0;
  const denies = negations(text) > 0;
  const denied = denies && best.negations === 0 ? WEIGHTS.denied : 0;
  const undenied = !denies && best.negations > 0 && inSentence >= 0.8 ? WEIGHTS.undenied : 0;
  const opposite = tokensOf(text).some(
    (token) =>
      !best.tokens.has(token) && oppositesOf(token).some((other) => best.tokens.has(other)),
  );
  return denied + undenied + (opposite ? WEIGHTS.opposite : 0);
}

/** Share of neighbouring shared words that stand the other way round in `passage`. */
function disorder(words: readonly string[], passage: Passage | undefined): number {
  if (passage === undefined) return 0;
  const places = new Map<string, number>();
  passage.words.forEach((word, i) => {
    if (!places.has(word)) places.set(word, i);
  });
  const order = [...new Set(words)].flatMap((word) => places.get(word) ?? []);
  if (order.length < 2) return 0;
  return order.slice(1).filter((place, i) => place < (order[i] ?? 0)).length / (order.length - 1);
}

function isKnown(fact: string, { facts, words }: Evidence): boolean {
  return facts.has(fact) || words.has(fact) || words.has(stem(fact));
}

function holds({ facts, words }: Passage, fact: string): boolean {
  return facts.has(fact) || words.includes(fact) || words.includes(stem(fact));
}

function share(items: readonly string[], known: ReadonlySet<string>): number {
  if (items.length === 0) return 1;
  return items.filter((item) => known.has(item)).length / items.length;
}
