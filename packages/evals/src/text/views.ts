/**
 * The other readings of a text: what it says once a simple disguise is taken off.
 *
 * An attack that a filter cannot read but a model can is still an attack. Each view undoes one
 * disguise (base64, hexadecimal, percent and HTML escapes, ROT13, reversal, letters spaced out,
 * letters written as digits) of a bounded piece of the text, and says where that piece stands. At
 * most `MAX_VIEWS` views of at most `MAX_VIEW_LENGTH` characters. Whether a view *means* anything is
 * for the evaluator to judge.
 *
 * @module
 */

export type Disguise =
  | 'hidden'
  | 'base64'
  | 'hex'
  | 'escapes'
  | 'rot13'
  | 'reversed'
  | 'spaced'
  | 'leet';

export interface View {
  readonly disguise: Disguise;
  readonly text: string;
  /** Where the disguised piece stands in the text the view was made from. */
  readonly start: number;
  readonly end: number;
}

/** Which disguises a first look at the words gave reason to try; made by `surveyWords`. */
export interface Survey {
  readonly longRuns: boolean;
  readonly escapes: boolean;
  readonly spaced: boolean;
  readonly leet: boolean;
  readonly rot13: boolean;
  readonly reversed: boolean;
}

export const MAX_VIEWS = 8;
export const MAX_VIEW_LENGTH = 16_384;

/** Text longer than this is surveyed only at its beginning: a disguise hides a message, not a book. */
const MAX_SURVEY_LENGTH = 262_144;

export function views(text: string, survey: Survey): readonly View[] {
  const found: View[] = [];
  const head = text.length > MAX_SURVEY_LENGTH ? text.slice(0, MAX_SURVEY_LENGTH) : text;
  if (survey.longRuns) decodeRuns(head, found);
  if (survey.escapes) addWhole(found, 'escapes', head, unescapeText);
  if (survey.spaced) addWhole(found, 'spaced', head, joinSpaced);
  if (survey.leet) addWhole(found, 'leet', head, readLeet);
  if (survey.rot13) addWhole(found, 'rot13', head, rot13);
  if (survey.reversed) addWhole(found, 'reversed', head, reverse);
  return found.slice(0, MAX_VIEWS);
}

function addWhole(
  found: View[],
  disguise: Disguise,
  text: string,
  read: (text: string) => string,
): void {
  const piece = text.length > MAX_VIEW_LENGTH ? text.slice(0, MAX_VIEW_LENGTH) : text;
  const revealed = read(piece);
  if (revealed !== piece) found.push({ disguise, text: revealed, start: 0, end: piece.length });
}

const RUN = /[A-Za-z0-9+/_-]{16,}={0,2}/g;
const HEX = /^(?:[0-9a-fA-F]{2})+$/;

function decodeRuns(text: string, found: View[]): void {
  for (const match of text.matchAll(RUN)) {
    if (found.length >= MAX_VIEWS) return;
    const run = match[0].slice(0, MAX_VIEW_LENGTH);
    const disguise: Disguise = HEX.test(run) ? 'hex' : 'base64';
    const decoded = decodeReadable(run, disguise);
    if (decoded === undefined) continue;
    found.push({ disguise, text: decoded, start: match.index, end: match.index + run.length });
  }
}

/** The run as text, or undefined when its bytes are not readable UTF-8. */
function decodeReadable(run: string, encoding: 'base64' | 'hex'): string | undefined {
  const decoded = Buffer.from(run, encoding).toString('utf8');
  if (decoded.length < 8 || decoded.includes('\ufffd')) return undefined;
  let readable = 0;
  for (let i = 0; i < decoded.length; i += 1) {
    const code = decoded.charCodeAt(i);
    if (code >= 0x20 || code === 0x0a || code === 0x0d || code === 0x09) readable += 1;
  }
  return readable / decoded.length >= 0.97 && /[A-Za-z\u0080-\uffff]{3}/.test(decoded)
    ? decoded
    : undefined;
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

function unescapeText(text: string): string {
  return text
    .replaceAll(
      /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]{2,6}));/g,
      (whole, dec, hex, name) => {
        if (typeof name === 'string') return ENTITIES[name] ?? whole;
        const point =
          typeof dec === 'string' ? Number.parseInt(dec, 10) : Number.parseInt(String(hex), 16);
        return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
      },
    )
    .replaceAll(/\\[ux]\{?([0-9a-fA-F]{2,5})\}?/g, (_, hex: string) =>
      String.fromCodePoint(Number.parseInt(hex, 16)),
    )
    .replaceAll(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
}

/** The fewest letters in a row that count as spaced out. */
const MIN_SPACED = 5;

/** `i g n o r e   a l l` and `i.g.n.o.r.e` become `ignore all`: two or more blanks keep words apart. */
function joinSpaced(text: string): string {
  let joined = '';
  let copied = 0;
  for (let i = 0; i < text.length;) {
    const run = spacedRun(text, i);
    if (run.letters < MIN_SPACED) {
      i = Math.max(run.end, i + 1);
      continue;
    }
    joined += text.slice(copied, i) + run.text;
    copied = run.end;
    i = run.end;
  }
  return joined + text.slice(copied);
}

interface SpacedRun {
  readonly text: string;
  readonly letters: number;
  readonly end: number;
}

/** Reads single letters with one to four separators between them, from `start` on. */
function spacedRun(text: string, start: number): SpacedRun {
  let read = '';
  let letters = 0;
  let end = start;
  for (let i = start; i < text.length;) {
    if (!isLetterAt(text, i) || isLetterAt(text, i + 1)) break;
    if (letters === 0 && i > 0 && isLetterAt(text, i - 1)) break;
    read += text[i] ?? '';
    letters += 1;
    end = i + 1;
    let gap = 0;
    while (gap < 4 && isSeparator(text.charCodeAt(end + gap))) gap += 1;
    if (gap === 0) break;
    if (gap > 1) read += ' ';
    i = end + gap;
  }
  return { text: read.trimEnd(), letters, end };
}

function isLetterAt(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x30 && code <= 0x39) ||
    code >= 0xc0
  );
}

function isSeparator(code: number): boolean {
  return (
    code === 0x20 ||
    code === 0x2e ||
    code === 0x2a ||
    code === 0x5f ||
    code === 0x7c ||
    code === 0x2f ||
    code === 0x2d
  );
}

const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '6': 'g',
  '7': 't',
  '8': 'b',
  '9': 'g',
  '@': 'a',
  $: 's',
  '!': 'i',
  '|': 'l',
  '+': 't',
};

/** Reads digits and signs inside words as the letters they imitate. Numbers stay numbers. */
function readLeet(text: string): string {
  return text.replaceAll(/[A-Za-z0-9@$!|+]{2,64}/g, (word) =>
    /[A-Za-z]/.test(word) && /[0-9@$!|+]/.test(word.slice(0, -1))
      ? word.replaceAll(/[0-9@$!|+]/g, (sign, at: number) =>
          sign === '!' && at === word.length - 1 ? sign : (LEET[sign] ?? sign),
        )
      : word,
  );
}

function rot13(text: string): string {
  return text.replaceAll(/[A-Za-z]/g, (letter) => {
    const base = letter <= 'Z' ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base);
  });
}

function reverse(text: string): string {
  return Array.from(text).toReversed().join('');
}
