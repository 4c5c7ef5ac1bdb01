/**
 * Splits a Jinja template into text, tags and expressions, and their tokens.
 *
 * Follows the lexer of Jinja 2 with its default delimiters: whitespace marks, comments, raw blocks,
 * brackets that keep `}}` inside an expression, text escapes decoded as Python decodes them.
 *
 * @module
 */
import { fault } from '../errors.ts';

export interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'operator';
  readonly value: string;
  readonly offset: number;
}

export type Segment =
  | { readonly kind: 'text'; readonly text: string; readonly offset: number }
  | { readonly kind: 'tag' | 'output'; readonly tokens: readonly Token[]; readonly offset: number };

const MAX_SEGMENTS = 100_000;
const TOKEN =
  /\s+|([\p{L}_][\p{L}\p{N}_]*)|(\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?|0[xX][\da-fA-F_]+)|('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(\*\*|\/\/|==|!=|<=|>=|[-+*/%~<>=()[\]{}.,:;|])/suy;
const RAW = /^\{%[-+]?\s*raw\s*[-+]?%\}/;
const END_RAW = /\{%[-+]?\s*endraw\s*[-+]?%\}/g;
const NAMED: ReadonlyMap<string, string> = new Map([
  ['LOW LINE', '_'],
  ['FULLWIDTH LOW LINE', '_'],
]);

/** All segments in order. @throws {ScanError} SCAN_MALFORMED, SCAN_LIMIT */
export function splitTemplate(template: string): Segment[] {
  const segments: Segment[] = [];
  let at = 0;
  while (at < template.length) {
    if (segments.length > MAX_SEGMENTS) throw fault('SCAN_LIMIT', 'the template is too long', at);
    const next = nextMark(template, at);
    if (next > at) segments.push({ kind: 'text', text: template.slice(at, next), offset: at });
    at = next >= template.length ? next : readMark(template, next, segments);
  }
  return segments;
}

function nextMark(template: string, from: number): number {
  for (let at = template.indexOf('{', from); at >= 0; at = template.indexOf('{', at + 1)) {
    const second = template[at + 1];
    if (second === '{' || second === '%' || second === '#') return at;
  }
  return template.length;
}

function readMark(template: string, start: number, segments: Segment[]): number {
  if (template[start + 1] === '#') {
    const end = template.indexOf('#}', start + 2);
    if (end < 0) throw fault('SCAN_MALFORMED', 'a comment does not end', start);
    return end + 2;
  }
  if (template[start + 1] === '%') {
    const raw = RAW.exec(template.slice(start, start + 64));
    if (raw !== null) return readRaw(template, start + raw[0].length, segments);
  }
  const kind = template[start + 1] === '%' ? 'tag' : 'output';
  const { tokens, end } = readTokens(template, start, kind === 'tag' ? '%}' : '}}');
  segments.push({ kind, tokens, offset: start });
  return end;
}

function readRaw(template: string, from: number, segments: Segment[]): number {
  END_RAW.lastIndex = from;
  const end = END_RAW.exec(template);
  if (end === null) throw fault('SCAN_MALFORMED', 'a raw block does not end', from);
  segments.push({ kind: 'text', text: template.slice(from, end.index), offset: from });
  return end.index + end[0].length;
}

function readTokens(
  template: string,
  start: number,
  close: string,
): { readonly tokens: Token[]; readonly end: number } {
  const tokens: Token[] = [];
  let at = start + 2;
  if (template[at] === '-' || template[at] === '+') at += 1;
  for (let depth = 0; ;) {
    const end = depth === 0 ? closes(template, at, close) : -1;
    if (end >= 0) return { tokens, end };
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(template);
    if (match === null) throw fault('SCAN_MALFORMED', 'a tag holds an unknown character', at);
    const token = toToken(match, at);
    at += match[0].length;
    if (token === null) continue;
    depth += nesting(token);
    if (depth < 0) throw fault('SCAN_MALFORMED', 'a bracket is closed that was not opened', at);
    tokens.push(token);
  }
}

/** Where the tag ends if its end mark stands here, after spaces and a whitespace mark; or -1. */
function closes(template: string, at: number, close: string): number {
  if (template.startsWith(close, at)) return at + close.length;
  const mark = /^[ \t\r\n]*[-+]?/.exec(template.slice(at, at + 64))?.[0].length ?? 0;
  return template.startsWith(close, at + mark) ? at + mark + close.length : -1;
}

function nesting(token: Token): number {
  if (token.kind !== 'operator') return 0;
  if ('([{'.includes(token.value)) return 1;
  return ')]}'.includes(token.value) ? -1 : 0;
}

function toToken(match: RegExpExecArray, offset: number): Token | null {
  const [, name, number, string, operator] = match;
  if (name !== undefined) return { kind: 'name', value: name, offset };
  if (number !== undefined) return { kind: 'number', value: number.replaceAll('_', ''), offset };
  if (string !== undefined) return { kind: 'string', value: unescape(string.slice(1, -1)), offset };
  return operator === undefined ? null : { kind: 'operator', value: operator, offset };
}

const SIMPLE: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
  '\n': '',
};

function unescape(body: string): string {
  if (!body.includes('\\')) return body;
  return body.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|N\{([^}]*)\}|([\s\S]))/g,
    (_whole, ...groups: (string | undefined)[]) => {
      const [hex, short, long, octal, named, other] = groups;
      const digits = hex ?? short ?? long;
      if (digits !== undefined) return codePoint(Number.parseInt(digits, 16));
      if (octal !== undefined) return codePoint(Number.parseInt(octal, 8));
      if (named !== undefined) return NAMED.get(named.toUpperCase()) ?? '\ufffd';
      return SIMPLE[other ?? ''] ?? other ?? '';
    },
  );
}

function codePoint(value: number): string {
  return value <= 0x10ffff ? String.fromCodePoint(value) : '\ufffd';
}
