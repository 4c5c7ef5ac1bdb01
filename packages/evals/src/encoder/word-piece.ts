/**
 * Splits text into WordPiece tokens the way an uncased BERT was trained to read it.
 *
 * The rules are those of BERT's own tokenizer: control characters go, letters are lower-cased and
 * lose their accents, punctuation and Han characters stand alone, and each word is covered greedily
 * from the left with the longest pieces of the vocabulary. Every token knows where its word stands in
 * the text. Work is linear in the text: a word longer than `MAX_WORD` is unknown without a search.
 *
 * @module
 */
import { EvalsError } from '../errors.ts';

export interface Token {
  /** Index into the vocabulary. */
  readonly id: number;
  /** UTF-16 offsets [start, end) of the token's word. */
  readonly start: number;
  readonly end: number;
}

export interface WordPiece {
  readonly classId: number;
  readonly separatorId: number;
  /** The tokens of `text`, in order, without the class and separator marks. */
  tokenize(text: string): Token[];
}

/** Words longer than this many characters are one unknown token, as in BERT's own tokenizer. */
const MAX_WORD = 100;
const MIN_VOCABULARY = 1_000;
const MAX_VOCABULARY = 200_000;

/**
 * @param vocabulary one piece a line; the line number is its id
 * @throws {EvalsError} EVALS_ENCODER_INVALID
 */
export function createWordPiece(vocabulary: string): WordPiece {
  const pieces = vocabulary.replace(/\r?\n$/, '').split(/\r?\n/);
  if (pieces.length < MIN_VOCABULARY || pieces.length > MAX_VOCABULARY) {
    throw new EvalsError(
      'EVALS_ENCODER_INVALID',
      `cannot use the vocabulary: it has ${pieces.length} pieces`,
    );
  }
  const ids = new Map(pieces.map((piece, id) => [piece, id]));
  const idOf = (name: string): number => {
    const id = ids.get(name);
    if (id !== undefined) return id;
    throw new EvalsError('EVALS_ENCODER_INVALID', `cannot use the vocabulary: no ${name} in it`);
  };
  const unknownId = idOf('[UNK]');
  return {
    classId: idOf('[CLS]'),
    separatorId: idOf('[SEP]'),
    tokenize(text) {
      const tokens: Token[] = [];
      for (const { letters, start, end } of words(text)) {
        for (const id of cover(letters, ids) ?? [unknownId]) tokens.push({ id, start, end });
      }
      return tokens;
    },
  };
}

/** The pieces of one word, or undefined when the vocabulary cannot cover it. */
function cover(word: string, ids: ReadonlyMap<string, number>): readonly number[] | undefined {
  if (word.length > 2 * MAX_WORD) return undefined;
  const characters = Array.from(word);
  if (characters.length > MAX_WORD) return undefined;
  const found: number[] = [];
  for (let start = 0; start < characters.length;) {
    let end = characters.length;
    let id: number | undefined;
    for (; end > start && id === undefined; end -= 1) {
      const piece = characters.slice(start, end).join('');
      id = ids.get(start === 0 ? piece : `##${piece}`);
    }
    if (id === undefined) return undefined;
    found.push(id);
    start = end + 1;
  }
  return found;
}

interface Word {
  letters: string;
  readonly start: number;
  end: number;
}

/** Lower-cased words without accents; punctuation and Han characters are words of their own. */
function words(text: string): Word[] {
  const found: Word[] = [];
  let open: Word | undefined;
  let at = 0;
  for (const character of text) {
    const start = at;
    at += character.length;
    const kind = kindOf(character);
    if (kind === 'dropped') continue;
    if (kind === 'blank') {
      open = undefined;
    } else if (kind === 'alone') {
      open = undefined;
      found.push({ letters: character, start, end: at });
    } else {
      if (open === undefined) {
        open = { letters: '', start, end: at };
        found.push(open);
      }
      open.letters += fold(character);
      open.end = at;
    }
  }
  return found.filter(({ letters }) => letters !== '');
}

type Kind = 'dropped' | 'blank' | 'alone' | 'letter';

function kindOf(character: string): Kind {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return ASCII_KINDS[code] ?? 'dropped';
  if (/\p{Zs}|[\u2028\u2029]/u.test(character)) return 'blank';
  // Lone surrogates are in \p{C} too: what is no character is not read.
  if (code === 0xfffd || /\p{C}/u.test(character)) return 'dropped';
  return /\p{P}/u.test(character) || isHan(code) ? 'alone' : 'letter';
}

const ASCII_KINDS: readonly Kind[] = Array.from({ length: 0x80 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[ \t\n\r]/.test(character)) return 'blank';
  if (/[\0-\x1f\x7f]/.test(character)) return 'dropped';
  return /[0-9A-Za-z]/.test(character) ? 'letter' : 'alone';
});

function fold(character: string): string {
  if (character < '\x80') return character.toLowerCase();
  return character
    .normalize('NFD')
    .replaceAll(/\p{Mn}/gu, '')
    .toLowerCase();
}

/** The blocks that BERT's tokenizer sets apart: Han, not kana or hangul. */
const HAN: readonly (readonly [number, number])[] = [
  [0x4e00, 0x9fff],
  [0x3400, 0x4dbf],
  [0x20000, 0x2a6df],
  [0x2a700, 0x2b73f],
  [0x2b740, 0x2b81f],
  [0x2b920, 0x2ceaf],
  [0xf900, 0xfaff],
  [0x2f800, 0x2fa1f],
];

function isHan(code: number): boolean {
  return HAN.some(([first, last]) => code >= first && code <= last);
}
