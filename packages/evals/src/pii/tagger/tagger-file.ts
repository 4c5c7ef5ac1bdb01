/**
 * The bytes of the tagger: one JSON header line, then int8 weights, then the word lists.
 *
 * ```
 * {"format":"proofmark-tagger/1","features":"...","bits":17,"scale":0.03,"moves":[...],"lists":{...}}\n
 * 2^bits rows of one signed byte per tag, then per list its words, 3 bytes each
 * ```
 *
 * The file is shipped with the package and still checked as untrusted: sizes, scheme and every
 * number. A weight is `byte * scale`.
 *
 * @module
 */
import { parseStrictJson, sha256Hex } from '@proofmark/core';

import { EvalsError } from '../../errors.ts';
import { isRecord } from '../../evaluation.ts';
import { TAG_BITS, TAG_SCHEME } from './tag-features.ts';
import { WORD_LISTS } from './word-facts.ts';
import type { WordList, WordLists } from './word-facts.ts';

export const TAGGER_FORMAT = 'proofmark-tagger/1';

/**
 * Tags by number: outside; beginning and inside of a name; beginning and inside of a street address.
 */
export const TAG_COUNT = 5;

export interface TaggerWeights {
  readonly weights: Int8Array;
  readonly scale: number;
  /** What going from one tag to the next counts: `[from * TAG_COUNT + to]`. */
  readonly moves: readonly number[];
  readonly lists: WordLists;
  /** SHA-256 of the whole file. */
  readonly digest: string;
}

const MAX_HEADER = 16_384;
const MAX_WORDS = 200_000;

/** @throws {EvalsError} EVALS_WEIGHTS_INVALID */
export function readTagger(bytes: Uint8Array): TaggerWeights {
  const newline = bytes.subarray(0, MAX_HEADER).indexOf(0x0a);
  if (newline < 0) throw refuse('no header line');
  const header = parseStrictJson(bytes.subarray(0, newline));
  if (!isRecord(header) || header['format'] !== TAGGER_FORMAT) throw refuse('unknown format');
  if (header['features'] !== TAG_SCHEME || header['bits'] !== TAG_BITS) {
    throw refuse('made for another feature scheme');
  }
  const { scale, moves, lists } = header;
  if (typeof scale !== 'number' || !(scale > 0 && scale < 100)) throw refuse('bad scale');
  if (!isMoves(moves)) throw refuse('bad moves');
  const body = bytes.subarray(newline + 1);
  const size = 2 ** TAG_BITS * TAG_COUNT;
  const read = readLists(body.subarray(size), lists);
  return {
    weights: new Int8Array(body.buffer, body.byteOffset, size),
    scale,
    moves,
    lists: read,
    digest: sha256Hex(bytes),
  };
}

function isMoves(value: unknown): value is readonly number[] {
  return (
    Array.isArray(value) &&
    value.length === TAG_COUNT * TAG_COUNT &&
    value.every((move) => typeof move === 'number' && Number.isFinite(move))
  );
}

function readLists(bytes: Uint8Array, counts: unknown): WordLists {
  if (!isRecord(counts)) throw refuse('no word lists');
  let offset = 0;
  const read = (name: WordList): ReadonlySet<number> => {
    const count = counts[name];
    if (typeof count !== 'number' || !(Number.isInteger(count) && count >= 0 && count <= MAX_WORDS))
      throw refuse(`bad size of the list \`${name}\``);
    const words = new Set<number>();
    for (const end = offset + count * 3; offset < end; offset += 3) {
      const [a, b, c] = [bytes[offset], bytes[offset + 1], bytes[offset + 2]];
      if (a === undefined || b === undefined || c === undefined) throw refuse('a list is cut off');
      words.add((a << 16) | (b << 8) | c);
    }
    return words;
  };
  const [given, last, place, common] = WORD_LISTS.map(read);
  if (!given || !last || !place || !common || offset !== bytes.length)
    throw refuse('bytes left over');
  return { given, last, place, common };
}

function refuse(why: string): EvalsError {
  return new EvalsError(
    'EVALS_WEIGHTS_INVALID',
    `cannot use the tagger's file: ${why}; reinstall the package or retrain the tagger`,
  );
}
