/**
 * One reading of a text, whatever it was typed in: NFKC, invisible characters removed, look-alike
 * letters folded inside mixed-script words, each character with its place in the original.
 *
 * ASCII text is returned as it is, without a map. Text carried by Unicode tag characters (U+E0000
 * block, invisible on every screen) is decoded into `hidden`. The result is for judging only, never
 * for display or storage. Total over any string, lone surrogates included.
 *
 * @module
 */
import { inRanges, isCombiningMark, isInvisible, latinLookalike } from './confusables.ts';

export interface NormalisedText {
  readonly text: string;
  /** `offsets[i]` is where character `i` began in the original; null when nothing moved. */
  readonly offsets: Uint32Array | null;
  /** ASCII text that was written in tag characters; empty for nearly every input. */
  readonly hidden: string;
  /** How many invisible characters and folded look-alikes there were. */
  readonly disguised: number;
}

export function normalise(original: string): NormalisedText {
  if (isAscii(original)) return { text: original, offsets: null, hidden: '', disguised: 0 };
  return foldText(original);
}

/** The original [start, end) of a span in the normalised text. */
export function originalSpan(
  view: Pick<NormalisedText, 'offsets'>,
  span: { readonly start: number; readonly end: number },
  originalLength: number,
): { readonly start: number; readonly end: number } {
  if (view.offsets === null) return { start: span.start, end: span.end };
  const start = view.offsets[span.start] ?? originalLength;
  const end =
    span.end >= view.offsets.length ? originalLength : (view.offsets[span.end] ?? originalLength);
  return { start, end: Math.max(start, end) };
}

/**
 * Every character below U+0080 is one byte of UTF-8 and no other is; U+007F is invisible. Measuring
 * the bytes and searching for one of them is many times as fast as a regular expression.
 */
function isAscii(text: string): boolean {
  return Buffer.byteLength(text, 'utf8') === text.length && !text.includes('\u007f');
}

interface Draft {
  readonly codes: Uint16Array;
  readonly offsets: Uint32Array;
  length: number;
  hidden: string;
  disguised: number;
}

function foldText(original: string): NormalisedText {
  const draft: Draft = {
    codes: new Uint16Array(original.length * 4 + 16),
    offsets: new Uint32Array(original.length * 4 + 16),
    length: 0,
    hidden: '',
    disguised: 0,
  };
  for (let i = 0; i < original.length && draft.length < draft.codes.length - 24;) {
    i += foldCharacter(original, i, draft);
  }
  foldMixedWords(draft);
  return {
    text: decodeUtf16(draft.codes, draft.length),
    offsets: draft.offsets.slice(0, draft.length),
    hidden: draft.hidden,
    disguised: draft.disguised,
  };
}

/** Folds the character at `index` into the draft; returns how many UTF-16 units it took. */
function foldCharacter(original: string, index: number, draft: Draft): number {
  const code = original.charCodeAt(index);
  if (code <= 0x7e || inRanges(code, STABLE)) {
    push(draft, code, index);
    return 1;
  }
  if (isInvisible(code)) {
    draft.disguised += 1;
    return 1;
  }
  if (isCombiningMark(code)) return 1;
  const point = original.codePointAt(index) ?? code;
  const units = point > 0xffff ? 2 : 1;
  if (point >= TAGS && point <= TAGS + 0x1ff) foldTag(point - TAGS, draft);
  else foldCompatible(original.slice(index, index + units), index, draft);
  return units;
}

/** The block of tag characters and supplementary variation selectors: never drawn. */
const TAGS = 0xe0000;

function foldTag(offset: number, draft: Draft): void {
  if (offset > 0x7f) return;
  draft.disguised += 1;
  if (offset >= 0x20 && offset < 0x7f) draft.hidden += String.fromCharCode(offset);
}

function foldCompatible(character: string, index: number, draft: Draft): void {
  const folded = character.normalize('NFKC');
  for (let i = 0; i < folded.length && i < 18; i += 1) {
    const unit = folded.charCodeAt(i);
    if (!isCombiningMark(unit)) push(draft, unit, index);
  }
}

/** Characters that NFKC never changes, in the scripts most text is written in. */
const STABLE: readonly (readonly [number, number])[] = [
  [0x4e00, 0x9fff],
  [0x400, 0x52f],
  [0xc0, 0x131],
  [0x134, 0x13e],
  [0x141, 0x148],
  [0x14a, 0x17e],
  [0x5d0, 0x5ea],
  [0x620, 0x64a],
  [0x904, 0x939],
  [0x3041, 0x3096],
  [0x30a1, 0x30fa],
  [0xac00, 0xd7a3],
];

function push(draft: Draft, code: number, offset: number): void {
  draft.codes[draft.length] = code;
  draft.offsets[draft.length] = offset;
  draft.length += 1;
}

/** Folds look-alikes in place, in words that also hold an ASCII letter. */
function foldMixedWords(draft: Draft): void {
  let start = 0;
  for (let i = 0; i <= draft.length; i += 1) {
    const code = i < draft.length ? (draft.codes[i] ?? 0) : 0;
    if (i < draft.length && isLetter(code)) continue;
    foldWord(draft, start, i);
    start = i + 1;
  }
}

function foldWord(draft: Draft, start: number, end: number): void {
  let latin = false;
  let foreign = false;
  for (let i = start; i < end; i += 1) {
    const code = draft.codes[i] ?? 0;
    if (code < 0x80) latin = true;
    else foreign = true;
  }
  if (!latin || !foreign) return;
  for (let i = start; i < end; i += 1) {
    const twin = latinLookalike(draft.codes[i] ?? 0);
    if (twin === 0) continue;
    draft.codes[i] = twin;
    draft.disguised += 1;
  }
}

function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code >= 0xc0;
}

function decodeUtf16(codes: Uint16Array, length: number): string {
  let text = '';
  for (let i = 0; i < length; i += 8192) {
    text += String.fromCharCode(...codes.subarray(i, Math.min(length, i + 8192)));
  }
  return text;
}
