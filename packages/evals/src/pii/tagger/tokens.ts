/**
 * The tokens that the tagger of names and addresses reads: words, numbers and single signs.
 *
 * Scripts written without blanks (Han, Hiragana, Hangul) are read sign by sign, so that a name can
 * end where the next word begins. Places are UTF-16 offsets.
 *
 * @module
 */

export interface Token {
  readonly value: string;
  readonly start: number;
  readonly end: number;
  /** Nothing stands between this token and the one before. */
  readonly glued: boolean;
  /** The first token of its line. */
  readonly leads: boolean;
}

/** The `'s` of an owner is no part of the name. A longer word is read in pieces, which no name is. */
const TOKEN =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Hangul}]|[\p{L}\p{M}]{1,40}(?:['’](?!s(?!\p{L}))[\p{L}\p{M}]{1,40})?|\p{N}{1,12}|[^\s\p{L}\p{M}\p{N}]/gu;

export function tokenise(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let last = 0;
  for (const match of text.matchAll(TOKEN)) {
    const value = match[0];
    const start = match.index;
    tokens.push({
      value,
      start,
      end: start + value.length,
      glued: start === last && start > 0,
      leads: tokens.length === 0 || (start > last && text.slice(last, start).includes('\n')),
    });
    last = start + value.length;
  }
  return tokens;
}
