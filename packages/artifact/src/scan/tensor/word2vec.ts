/**
 * Word vectors as word2vec writes them (`.bin`): two counts in text, then words and their floats.
 *
 * Data only. The format has no mark and no end but its counts: every word and vector must be there, and
 * nothing behind them.
 *
 * @module
 */
import { excerpt } from '@proofmark/core';

import type { ByteSource } from '../byte-source.ts';
import { Cursor, latin1 } from '../byte-source.ts';
import { ScanError, faultOffset } from '../errors.ts';
import type { Inspection } from '../inspection.ts';

const HEADER = /^(\d{1,10}) (\d{1,6})\n/;
const MAX_HEADER_BYTES = 20;
const MAX_WORD_BYTES = 2048;
const FLOAT_BYTES = 4;
const SPACE = 0x20;
const NEWLINE = 0x0a;

/** Whether the bytes begin with the two counts and are not text all through. */
export function looksLikeWordVectors(source: ByteSource): boolean {
  const header = headerOf(source);
  if (header === null) return false;
  return header.bytes + header.words * (2 + header.size * FLOAT_BYTES) <= source.sizeBytes;
}

export function readWordVectors(inspection: Inspection): void {
  inspection.format = 'word2vec';
  const { source } = inspection;
  const header = headerOf(source);
  if (header === null) {
    inspection.report('M-1', 'the word vectors do not begin with two counts', 0);
    return;
  }
  const cursor = new Cursor(source, header.bytes);
  try {
    for (let n = 0; n < header.words; n += 1) {
      inspection.spend(1);
      passWord(cursor);
      cursor.skip(header.size * FLOAT_BYTES);
    }
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
    inspection.report('M-1', `the word vectors break off: ${error.message}`, faultOffset(error));
    return;
  }
  if (cursor.peek() === NEWLINE) cursor.skip(1);
  if (cursor.remaining === 0) return;
  const what = `${cursor.remaining} bytes follow the last of ${header.words} word vectors`;
  inspection.report('M-1', what, cursor.offset);
}

interface Header {
  readonly words: number;
  readonly size: number;
  readonly bytes: number;
}

function headerOf(source: ByteSource): Header | null {
  const match = HEADER.exec(latin1(source.read(0, MAX_HEADER_BYTES)));
  if (match === null) return null;
  const [words, size] = [Number(match[1]), Number(match[2])];
  return words > 0 && size > 0 ? { words, size, bytes: match[0].length } : null;
}

/** A word up to its space; the first writer ended each vector with a line feed. */
function passWord(cursor: Cursor): void {
  if (cursor.peek() === NEWLINE) cursor.skip(1);
  const start = cursor.offset;
  for (let length = 0; cursor.u8() !== SPACE; length += 1) {
    if (length < MAX_WORD_BYTES) continue;
    const word = latin1(cursor.source.read(start, 32));
    throw new ScanError('SCAN_MALFORMED', `the word ${excerpt(word)} does not end`);
  }
}
