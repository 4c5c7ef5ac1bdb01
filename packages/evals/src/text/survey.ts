/**
 * A first look at a text: which disguises are worth undoing. One pass, no regular expressions.
 *
 * Cheap and generous: a survey that says "maybe base64" costs one decoding; one that says nothing
 * hides an attack.
 *
 * @module
 */
import { HASH_SEED, lowerUnit, mixUnit } from '../linear/hash.ts';
import { compileLexicon } from '../linear/lexicon.ts';
import { createUnitBuffer, writeUnits } from './units.ts';
import type { Survey } from './views.ts';

const COMMON =
  'the and you your how what make tell write give with that this from for are was not all can will ' +
  'please now about into them have instructions instruction ignore previous prompt system password ' +
  'secret reveal disregard bypass pretend bomb weapon malware steal hack kill drugs explosive';

const REVERSED = 1;
const ROT13 = 2;
const reversedWords = eachWord((word) => Array.from(word).toReversed().join(''));
const rot13Words = eachWord((word) =>
  word.replaceAll(/[a-z]/g, (letter) =>
    String.fromCharCode(((letter.charCodeAt(0) - 97 + 13) % 26) + 97),
  ),
);
const disguisedWords = compileLexicon({ reversed: reversedWords, rot13: rot13Words });
const DISGUISED: readonly string[] = `${reversedWords} ${rot13Words}`.split(' ');

/** Palindromes and words that are also words when read the other way would say nothing. */
function eachWord(disguise: (word: string) => string): string {
  const plain = new Set(COMMON.split(' '));
  return COMMON.split(' ')
    .map(disguise)
    .filter(
      (word) =>
        word.length >= 3 &&
        !plain.has(word) &&
        !['woh', 'won', 'era', 'saw', 'lla', 'nac', 'ton'].includes(word),
    )
    .join(' ');
}

const LONG_RUN = 20;
const MIN_DISGUISED_WORDS = 3;
const MIN_LEET_WORDS = 3;
const MIN_SINGLE_LETTERS = 5;

/** Only this much is surveyed; see `MAX_VIEW_LENGTH` for how much a view can hold. */
const MAX_SURVEY_LENGTH = 262_144;
/** Longer text gets a buffer of its own. */
const USUAL_LENGTH = 16_384;
const usual = createUnitBuffer(USUAL_LENGTH);

interface Tally {
  longRuns: number;
  escapes: number;
  /** Single letters in a row now, and the most there were. */
  singles: number;
  mostSingles: number;
  leet: number;
  reversed: number;
  rot13: number;
}

export function survey(text: string): Survey {
  const tally: Tally = {
    longRuns: 0,
    escapes: 0,
    singles: 0,
    mostSingles: 0,
    leet: 0,
    reversed: 0,
    rot13: 0,
  };
  readPieces(text.slice(0, MAX_SURVEY_LENGTH), tally);
  return {
    longRuns: tally.longRuns > 0,
    escapes: tally.escapes >= 3,
    spaced: tally.mostSingles >= MIN_SINGLE_LETTERS,
    leet: tally.leet >= MIN_LEET_WORDS,
    reversed: tally.reversed >= MIN_DISGUISED_WORDS,
    rot13: tally.rot13 >= MIN_DISGUISED_WORDS,
  };
}

/** One pass; a piece is a run of letters, digits and signs. */
function readPieces(text: string, tally: Tally): void {
  const buffer = text.length <= USUAL_LENGTH ? usual : createUnitBuffer(text.length);
  const end = writeUnits(buffer, text);
  const { units } = buffer;
  for (let i = 0; i < end; i += 1) {
    const start = i;
    let kind = KIND[units[i] ?? 0];
    // The 0 behind the last unit is no part of a piece.
    while (kind === LETTER) {
      i += 1;
      kind = KIND[units[i] ?? 0];
    }
    if (kind === SIGN) {
      i = readSigned(units, start, tally);
      kind = KIND[units[i] ?? 0];
    } else if (i > start) {
      countPiece(tally, i - start, 0, 0);
      if (i - start >= 3) countDisguised(units, start, i, tally);
    }
    if (kind === ESCAPE) tally.escapes += 1;
  }
}

/** A piece that holds digits or signs; returns where it ends. */
function readSigned(units: Uint16Array, start: number, tally: Tally): number {
  let signs = 0;
  let signsBeforeLetter = 0;
  let i = start;
  for (; ; i += 1) {
    const kind = KIND[units[i] ?? 0];
    if (kind === SIGN) signs += 1;
    else if (kind === LETTER) signsBeforeLetter = signs;
    else break;
  }
  countPiece(tally, i - start, signs, signsBeforeLetter);
  return i;
}

const OTHER = 0;
const LETTER = 1;
/** Digits, and the signs that leet writing and base64 use inside words. */
const SIGN = 2;
const ESCAPE = 3;

const KIND: Uint8Array = Uint8Array.from({ length: 0x10000 }, (_, unit) => {
  if (/[&%\\]/.test(String.fromCharCode(unit))) return ESCAPE;
  if (/[0-9@$+]/.test(String.fromCharCode(unit))) return SIGN;
  return /[A-Za-z]/.test(String.fromCharCode(unit)) || unit >= 0xc0 ? LETTER : OTHER;
});

/** `signsBeforeLetter`: digits and signs that stand before the last letter. */
function countPiece(tally: Tally, length: number, signs: number, signsBeforeLetter: number): void {
  const letters = length - signs;
  if (length >= LONG_RUN) tally.longRuns += 1;
  tally.singles = length === 1 ? tally.singles + 1 : 0;
  if (tally.singles > tally.mostSingles) tally.mostSingles = tally.singles;
  const mixed = signsBeforeLetter > 0 && letters > 0;
  if (mixed && length <= 24 && signs <= letters * 2) tally.leet += 1;
}

/** First and last letter of every disguised word: most words of honest text end the search here. */
const ENDS: Uint8Array = new Uint8Array(1024);
for (const word of DISGUISED)
  ENDS[endsOf(word.charCodeAt(0), word.charCodeAt(word.length - 1))] = 1;

function endsOf(first: number, last: number): number {
  return ((first & 31) << 5) | (last & 31);
}

function countDisguised(units: Uint16Array, start: number, end: number, tally: Tally): void {
  if (ENDS[endsOf(units[start] ?? 0, units[end - 1] ?? 0)] !== 1) return;
  let hash = HASH_SEED;
  for (let i = start; i < end; i += 1) hash = mixUnit(hash, lowerUnit(units[i] ?? 0));
  const disguise = disguisedWords.lookup(hash);
  if (disguise === REVERSED) tally.reversed += 1;
  else if (disguise === ROT13) tally.rot13 += 1;
}
