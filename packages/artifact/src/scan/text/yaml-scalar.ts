/**
 * Scalars of YAML: quoted, plain and block, with their line folding and escapes (YAML 1.2, 5.7, 7.3, 8.1).
 *
 * @module
 */
import type { Json } from '@proofmark/core';

import { fault } from '../errors.ts';

/** A scalar that was read, and where it ended. */
export interface Scalar {
  readonly value: string;
  readonly end: number;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\u0007',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\u001b',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
};
/** Escapes and what stands between them. */
const MAX_PARTS = 400_000;
const HEX: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const HEADER = /[|>](?:([+-])([1-9])?|([1-9])([+-])?)?[ \t]*(?:[ \t]#[^\n]*)?(?:\n|$)/y;
const NULL = /^(?:~|null|Null|NULL|)$/;
/** Both the words of YAML 1.1 and those of 1.2. */
const BOOLEAN = /^(?:(true|yes|on)|false|no|off)$/i;
const NUMBER = /^[-+]?(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][-+]?\d+)?$/;

/** The text between single quotes, from the opening quote at `start`. @throws {ScanError} */
export function singleQuoted(text: string, start: number): Scalar {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] !== "'") continue;
    if (text[at + 1] !== "'") {
      return { value: folded(text.slice(start + 1, at)).replaceAll("''", "'"), end: at + 1 };
    }
    at += 1;
  }
  throw fault('SCAN_MALFORMED', 'a quoted text does not end', start);
}

/** The text between double quotes, from the opening quote at `start`. @throws {ScanError} */
export function doubleQuoted(text: string, start: number): Scalar {
  const parts: string[] = [];
  let from = start + 1;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '"') {
      parts.push(text.slice(from, at));
      return { value: unescaped(parts, start), end: at + 1 };
    }
    if (text[at] !== '\\') continue;
    if (parts.length > MAX_PARTS) throw fault('SCAN_LIMIT', 'a text has too many escapes', start);
    parts.push(text.slice(from, at), text.slice(at, at + 2));
    at += 1;
    from = at + 1;
  }
  throw fault('SCAN_MALFORMED', 'a quoted text does not end', start);
}

/**
 * Joins what stands between escapes, which are every second part. For folding, a sign that no YAML holds
 * stands for an escape: an escaped space is no space at a line end.
 */
function unescaped(parts: readonly string[], start: number): string {
  const marked = parts.map((part, n) => (n % 2 === 0 ? part : `\ufffe${n}\ufffe`)).join('');
  const joined = marked.replaceAll(/[ \t]*\ufffe(\d+)\ufffe[ \t]*/g, (all, n: string) =>
    parts[Number(n)] === '\\\n' ? (/^[ \t]*/.exec(all)?.[0] ?? '') : all,
  );
  return folded(joined).replaceAll(
    /\ufffe(\d+)\ufffe([\da-fA-F]{0,8})/g,
    (_all, n: string, rest: string) => {
      const letter = (parts[Number(n)] ?? '').slice(1);
      const width = HEX[letter] ?? 0;
      const simple = ESCAPES[letter];
      if (simple !== undefined) return simple + rest;
      const point = Number.parseInt(rest.slice(0, width), 16);
      if (width === 0 || rest.length < width || point > 0x10ffff) {
        throw fault('SCAN_MALFORMED', 'an escape is not known', start);
      }
      return String.fromCodePoint(point) + rest.slice(width);
    },
  );
}

/** Line ends with the spaces around them are one space; of several, all but the first stay. */
export function folded(text: string): string {
  if (!text.includes('\n')) return text;
  return text.replaceAll(/[ \t]*\n[ \t\n]*/g, (gap) => {
    const ends = gap.split('\n').length - 1;
    return ends === 1 ? ' ' : '\n'.repeat(ends - 1);
  });
}

/**
 * A literal (`|`) or folded (`>`) block whose lines stand deeper than `parent`, from its mark at
 * `start`. @throws {ScanError}
 */
export function blockScalar(text: string, start: number, parent: number): Scalar {
  HEADER.lastIndex = start;
  const header = HEADER.exec(text);
  if (header === null) throw fault('SCAN_MALFORMED', 'a block of text has no header', start);
  const explicit = header[2] ?? header[3];
  const from = start + header[0].length;
  const given = explicit === undefined ? null : Math.max(parent, 0) + Number(explicit);
  const { lines, end } = blockLines(text, { from, parent, given });
  const body = text[start] === '|' ? lines.join('\n') : foldedLines(lines);
  return { value: chomped(body, header[1] ?? header[4] ?? ''), end };
}

/** The lines of a block without their indentation, which is given or that of the first. */
function blockLines(
  text: string,
  {
    from,
    parent,
    given,
  }: { readonly from: number; readonly parent: number; readonly given: number | null },
): { readonly lines: readonly string[]; readonly end: number } {
  const lines: string[] = [];
  let indent = given;
  let at = from;
  while (at < text.length) {
    const end = lineEnd(text, at);
    const line = text.slice(at, end);
    const depth = /^ */.exec(line)?.[0].length ?? 0;
    if (depth < line.length) {
      indent ??= depth;
      if (depth < indent || depth <= parent || isMarker(text, at)) break;
    }
    lines.push(indent === null ? '' : line.slice(indent));
    at = end + 1;
  }
  return { lines, end: Math.min(at, text.length) };
}

function foldedLines(lines: readonly string[]): string {
  let result = '';
  lines.forEach((line, n) => {
    const before = lines[n - 1];
    if (before === undefined) result += line;
    else if (line === '' || before === '' || /^[ \t]/.test(line) || /^[ \t]/.test(before)) {
      result += `\n${line}`;
    } else result += ` ${line}`;
  });
  return result.replaceAll(/([^\n])\n(\n+)(?=[^\n \t])/g, '$1$2');
}

function chomped(value: string, chomp: string): string {
  if (chomp === '+') return `${value}\n`;
  const body = value.replace(/\n+$/, '');
  return chomp === '-' || body === '' ? body : `${body}\n`;
}

/** Where the line that holds `at` ends: its line feed, or the end of the text. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

/** Whether a document begins or ends at `at`, which is the start of a line. */
export function isMarker(text: string, at: number): boolean {
  const mark = text.slice(at, at + 3);
  return (mark === '---' || mark === '...') && /^[ \t\n]?$/.test(text.slice(at + 3, at + 4));
}

/** What a scalar without quotes means. */
export function plainValue(text: string): Json {
  if (NULL.test(text)) return null;
  const boolean = BOOLEAN.exec(text);
  if (boolean !== null) return boolean[1] !== undefined;
  const number = NUMBER.test(text) ? Number(text.replaceAll('_', '')) : Number.NaN;
  return Number.isFinite(number) ? number : text;
}
