/**
 * The text forms of pickle protocols 0 and 1, decoded as CPython decodes them (requirement P-6).
 *
 * @module
 */

import { isUtf8 } from 'node:buffer';

const INTEGER =
  /^[ \t\r\f\v]*[+-]?(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|[0-9]+(?:_[0-9]+)*)[ \t\r\f\v]*$/;
const DECIMAL =
  /^[ \t\r\f\v]*[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)[ \t\r\f\v]*$/i;
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
};

/** Strict UTF-8 apart from lone surrogates, which CPython passes; null when it is not. */
export function utf8(bytes: Uint8Array): string | null {
  if (!isUtf8(bytes) && !hasOnlySurrogates(bytes)) return null;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

/** The integer of an INT or LONG line, or null. */
export function integerLine(line: string): bigint | null {
  const digits = line.endsWith('L') ? line.slice(0, -1) : line;
  if (!INTEGER.test(digits) || digits.length > 4096) return null;
  const plain = digits.trim().replaceAll('_', '').replace(/^\+/, '');
  const negative = plain.startsWith('-');
  const magnitude = BigInt(negative ? plain.slice(1) : plain);
  return negative ? -magnitude : magnitude;
}

export function isFloatLine(line: string): boolean {
  return DECIMAL.test(line);
}

/** The value of a STRING line with its quotes, or null. */
export function quotedLine(line: string): string | null {
  const body = line.replace(/[ \t\r]+$/, '');
  const quote = body[0];
  if (body.length < 2 || (quote !== "'" && quote !== '"') || !body.endsWith(quote)) return null;
  return body
    .slice(1, -1)
    .replace(/\\(x[0-9a-fA-F]{2}|[0-7]{1,3}|[\s\S])/g, (whole: string, escape: string) => {
      if (/^[0-7]/.test(escape)) return String.fromCharCode(Number.parseInt(escape, 8) & 0xff);
      if (/^x../.test(escape)) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
      return ESCAPES[escape] ?? whole;
    });
}

/** The value of a UNICODE line (raw-unicode-escape), or null for a broken escape. */
export function unicodeLine(line: string): string | null {
  let broken = false;
  const text = line.replace(/(\\+)(u[0-9a-fA-F]{0,4}|U[0-9a-fA-F]{0,8})?/g, (whole, ...parts) => {
    const [slashes, escape] = parts as [string, string | undefined];
    if (escape === undefined || slashes.length % 2 === 0) return whole;
    const digits = escape.slice(1);
    const point = Number.parseInt(digits, 16);
    if (digits.length !== (escape.startsWith('u') ? 4 : 8) || point > 0x10ffff) {
      broken = true;
      return '';
    }
    return slashes.slice(1) + String.fromCodePoint(point);
  });
  return broken ? null : text;
}

/** Little-endian two's complement, as LONG1 and LONG4 write it. */
export function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes.toReversed()) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(bytes.length * 8, value);
}

function hasOnlySurrogates(bytes: Uint8Array): boolean {
  if (!bytes.includes(0xed)) return false;
  const kept: number[] = [];
  for (let at = 0; at < bytes.length; at += 1) {
    const [a, b, c] = [bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0];
    if (a === 0xed && b >= 0xa0 && b <= 0xbf && c >= 0x80 && c <= 0xbf) at += 2;
    else kept.push(a);
  }
  return isUtf8(Uint8Array.from(kept));
}
