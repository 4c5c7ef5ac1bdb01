/**
 * One pass over a window of text: its units for the character features, the hashes of its words and
 * where sentences begin.
 *
 * @module
 */
import { createUnitBuffer, writeUnits } from '../text/units.ts';
import type { UnitBuffer } from '../text/units.ts';
import { HASH_SEED, lowerUnit, mixUnit } from './hash.ts';

/** Belongs to one extractor; overwritten by every reading. */
export interface TextReader {
  /** The window's own units. */
  readonly raw: UnitBuffer;
  /** Folded, blanks collapsed, one blank at each end. */
  readonly units: Uint16Array;
  /** Hashes of the words, in order. */
  readonly words: Int32Array;
  /** 1 where the word is the first of a sentence or line. */
  readonly starts: Uint8Array;
}

/** How much of a reader's arrays the last reading filled. */
export interface Read {
  readonly length: number;
  readonly words: number;
}

/** @param window the most characters that are read at once; no text has more words */
export function createTextReader(window: number): TextReader {
  return {
    raw: createUnitBuffer(window),
    units: new Uint16Array(window + 2),
    words: new Int32Array(window),
    starts: new Uint8Array(window),
  };
}

/** One pass over the text: its units for the character features, and the hashes of its words. */
export function readText({ units, words, starts, raw }: TextReader, text: string): Read {
  const end = writeUnits(raw, text);
  const read = raw.units;
  units[0] = SPACE;
  let length = 1;
  let count = 0;
  let fresh = 1;
  for (let i = 0; i < end; i += 1) {
    let cell = cellOf(read, i);
    if (cell >>> 16 === WORD) {
      let hash = HASH_SEED;
      // The 0 behind the last unit is no part of a word.
      while (cell >>> 16 === WORD) {
        hash = mixUnit(hash, cell & 0xffff);
        units[length] = cell & 0xffff;
        length += 1;
        i += 1;
        cell = cellOf(read, i);
      }
      words[count] = hash;
      starts[count] = fresh;
      fresh = 0;
      count += 1;
    }
    const unit = cell & 0xffff;
    if (unit === SPACE) {
      if (units[length - 1] !== SPACE) units[length++] = SPACE;
      continue;
    }
    units[length] = unit;
    length += 1;
    if (cell >>> 16 === ALONE) {
      words[count] = mixUnit(HASH_SEED, unit);
      starts[count] = fresh;
      fresh = 0;
      count += 1;
    } else if (cell >>> 16 === END) fresh = 1;
  }
  if (units[length - 1] !== SPACE) units[length++] = SPACE;
  return { length, words: count };
}

const SPACE = 0x20;

/** CJK ideographs and kana: written without blanks, so each character is a word. */
function standsAlone(unit: number): boolean {
  return (unit >= 0x3041 && unit <= 0x30ff) || (unit >= 0x4e00 && unit <= 0x9fff);
}

function isWordUnit(unit: number): boolean {
  return (
    (unit >= 0x61 && unit <= 0x7a) ||
    unit === 0x30 ||
    unit === 0x27 ||
    unit === 0x5f ||
    unit >= 0xaa
  );
}

/** `.` `!` `?` `:` quotes, brackets and the ideographic full stop: what follows begins afresh. */
const SENTENCE_ENDS: ReadonlySet<number> = new Set([
  0x2e, 0x21, 0x3f, 0x3a, 0x22, 0x3e, 0x5d, 0x3002,
]);

const OTHER = 0;
const WORD = 1;
const ALONE = 2;
const END = 3;

/** Per unit: what it is to the reader of words, and in the low half what it counts as. */
const UNITS: Uint32Array = Uint32Array.from({ length: 0x10000 }, (_, unit) => {
  const folded = foldUnit(unit);
  return (roleOf(folded) << 16) | folded;
});

function cellOf(units: Uint16Array, i: number): number {
  return UNITS[units[i] ?? 0] ?? SPACE;
}

/** Lowercase, digits as 0, every blank as one. */
function foldUnit(unit: number): number {
  if (unit <= SPACE || unit === 0xa0 || unit === 0x3000) return SPACE;
  return unit >= 0x30 && unit <= 0x39 ? 0x30 : lowerUnit(unit);
}

function roleOf(unit: number): number {
  if (standsAlone(unit)) return ALONE;
  if (isWordUnit(unit)) return WORD;
  return SENTENCE_ENDS.has(unit) ? END : OTHER;
}
