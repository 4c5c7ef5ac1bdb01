/**
 * The words of a text that carry its subject.
 *
 * @module
 */

const STOP: ReadonlySet<string> = new Set(
  'a about above after again all also am an and any are as at be because been before being below between both but by can could did do does doing down during each few for from further get give had has have having he her here hers him his how i if in into is it its itself just let like made make many may me might more most much must my need no nor not now of off on once one only or other our out over own please same she should so some such tell than that the their them then there these they this those through to too under until up us use used very was we were what when where which while who why will with would write you your'.split(
    ' ',
  ),
);

const MAX_WORDS = 20_000;

/** Lowercased words without stop words, lightly stemmed; ideographs one by one. */
export function contentWords(text: string): readonly string[] {
  const words: string[] = [];
  for (const match of text.matchAll(
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{M}]{2,40}|\d{1,20}(?:[.,]\d{1,10})?/gu,
  )) {
    if (words.length >= MAX_WORDS) break;
    const word = match[0].toLowerCase();
    if (!STOP.has(word)) words.push(stem(word));
  }
  return words;
}

const ENDINGS: readonly (readonly [ending: string, minLength: number, replacement: string])[] = [
  ['ies', 5, 'y'],
  ['ing', 6, ''],
  ['ed', 5, ''],
  ['es', 5, ''],
  ['ss', 3, 'ss'],
  ['s', 4, ''],
];

/** Strips English plural and verb endings; enough to join `refund`, `refunds` and `refunded`. */
export function stem(word: string): string {
  if (word.length <= 3 || !/^[a-z]+$/.test(word)) return word;
  for (const [ending, minLength, replacement] of ENDINGS) {
    if (word.length < minLength || !word.endsWith(ending)) continue;
    return word.slice(0, -ending.length) + replacement;
  }
  return word;
}
