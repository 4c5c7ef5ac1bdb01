/**
 * What a context says, laid out so that a claim can be looked up in it: words by passage, neighbours,
 * numbers and names, and how each sentence denies.
 *
 * The context is text from outside: every part of it is bounded.
 *
 * @module
 */
import { contentWords } from '../text/words.ts';
import { negations } from './opposites.ts';

export interface Sentence {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface Passage {
  /** Content words in their order. */
  readonly words: readonly string[];
  readonly facts: ReadonlySet<string>;
  readonly negations: number;
  /** Every word, lowercased and unstemmed. */
  readonly tokens: ReadonlySet<string>;
}

export interface Evidence {
  readonly words: ReadonlySet<string>;
  readonly pairs: ReadonlySet<string>;
  readonly triples: ReadonlySet<string>;
  readonly facts: ReadonlySet<string>;
  readonly passages: readonly Passage[];
  /** Which passages hold a word, by their numbers. */
  readonly passagesOf: ReadonlyMap<string, readonly number[]>;
}

const MAX_SENTENCES = 2_000;

/** A question states nothing: where a context holds the question too, it is no evidence. */
export function readEvidence(context: string): Evidence {
  const stated = sentences(context).filter(({ text }) => !/[?？]\s*$/.test(text));
  const passages = stated.slice(0, MAX_SENTENCES).map(readPassage);
  const passagesOf = new Map<string, number[]>();
  passages.forEach((passage, i) => {
    for (const word of new Set(passage.words)) {
      const places = passagesOf.get(word);
      if (places === undefined) passagesOf.set(word, [i]);
      else places.push(i);
    }
  });
  const said = stated.map(({ text }) => text).join('');
  const words = wordsOf(said);
  return {
    words: new Set(words),
    pairs: new Set(runsOf(words, 2)),
    triples: new Set(runsOf(words, 3)),
    facts: new Set(factsOf(said, true)),
    passages,
    passagesOf,
  };
}

function readPassage({ text }: Sentence): Passage {
  return {
    words: wordsOf(text),
    facts: new Set(factsOf(text, true)),
    negations: negations(text),
    tokens: new Set(tokensOf(text)),
  };
}

/** Words as they are written, lowercased. */
export function tokensOf(text: string): readonly string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}]{1,40}/gu) ?? []).slice(0, 2_000);
}

export function runsOf(words: readonly string[], length: number): readonly string[] {
  return words.slice(length - 1).map((_, i) => words.slice(i, i + length).join(' '));
}

const NUMBER_WORDS: ReadonlyMap<string, string> = new Map(
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'
    .split(' ')
    .map((word, i) => [word, String(i)] as const),
);

/** Content words; numbers up to twenty as digits, larger ones without separators. */
export function wordsOf(text: string): readonly string[] {
  const words = contentWords(text.replaceAll(/(?<=\d),(?=\d{3}(?!\d))/g, ''));
  return words.map((word) => NUMBER_WORDS.get(word) ?? word);
}

/**
 * Numbers, as digits without separators, and names: capitalised words, lowercased. The first word of a
 * sentence is a name only where `opening` says so: in a context a name too many does no harm.
 */
export function factsOf(text: string, opening: boolean): readonly string[] {
  const numbers = Array.from(text.matchAll(/\d{1,15}(?:[,.]\d{1,6})*/g), ([number]) =>
    number.replaceAll(/,(?=\d{3})/g, ''),
  );
  const spelled = tokensOf(text).flatMap((token) => NUMBER_WORDS.get(token) ?? []);
  const capitalised = opening
    ? /(?<![\p{L}\p{N}])\p{Lu}[\p{L}]{1,30}/gu
    : /(?<=[\p{Ll}\p{N},;:'"’)] )\p{Lu}[\p{L}]{1,30}/gu;
  const names = Array.from(text.matchAll(capitalised), ([name]) => name.toLowerCase());
  return [...numbers, ...(opening ? spelled : []), ...names].slice(0, 2_000);
}

export function sentences(text: string): readonly Sentence[] {
  const found: Sentence[] = [];
  for (const match of text.matchAll(/(?:[^.!?\n。！？]|[.](?=\d|\p{Ll})){1,4000}[.!?。！？]*/gu)) {
    if (match[0].trim().length < 3) continue;
    found.push({ text: match[0], start: match.index, end: match.index + match[0].length });
  }
  return found;
}
