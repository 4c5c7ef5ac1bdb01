/**
 * Word -> cluster of words used alike, so that what was learned about `steal` says something about
 * `shoplift`. A table made from public domain word vectors, shipped as `weights/words.bin`:
 *
 * ```
 * {"format":"proofmark-words/1","words":40000,"fine":512,"coarse":64}\n
 * per word: uint32 hash, uint16 fine cluster, uint16 coarse cluster (little-endian, numbers from 1)
 * ```
 *
 * @module
 */
import { parseStrictJson, sha256Hex } from '@proofmark/core';

import { EvalsError } from '../errors.ts';
import { isRecord } from '../evaluation.ts';

export interface WordClusters {
  readonly digest: string;
  /** `fine << 16 | coarse` of a word hash, or 0. */
  lookup(hash: number): number;
}

const RECORD = 8;
const MAX_WORDS = 200_000;

/** @throws {EvalsError} EVALS_WEIGHTS_INVALID */
export function readWordClusters(bytes: Uint8Array): WordClusters {
  const newline = bytes.subarray(0, 1024).indexOf(0x0a);
  const header = newline < 0 ? undefined : parseStrictJson(bytes.subarray(0, newline));
  const words = isRecord(header) && header['format'] === 'proofmark-words/1' ? header['words'] : 0;
  const body = bytes.subarray(newline + 1);
  if (
    typeof words !== 'number' ||
    words < 1 ||
    words > MAX_WORDS ||
    body.length !== words * RECORD
  ) {
    throw new EvalsError('EVALS_WEIGHTS_INVALID', 'cannot use words.bin: not a word cluster table');
  }
  return table(new DataView(body.buffer, body.byteOffset, body.length), words, sha256Hex(bytes));
}

function table(view: DataView, words: number, digest: string): WordClusters {
  const size = 2 ** Math.ceil(Math.log2(words * 2));
  const mask = size - 1;
  /** Key and value of a slot lie side by side: a lookup touches one line of memory. */
  const slots = new Int32Array(size * 2);
  for (let i = 0; i < words; i += 1) {
    const hash = view.getInt32(i * RECORD, true);
    const fine = view.getUint16(i * RECORD + 4, true);
    const value = (fine << 16) | view.getUint16(i * RECORD + 6, true);
    let slot = (hash >>> 7) & mask;
    while (slots[slot * 2 + 1] !== 0 && slots[slot * 2] !== hash) slot = (slot + 1) & mask;
    if (slots[slot * 2 + 1] !== 0) continue;
    slots[slot * 2] = hash;
    slots[slot * 2 + 1] = value;
  }
  return {
    digest,
    lookup(hash) {
      for (let slot = (hash >>> 7) & mask; ; slot = (slot + 1) & mask) {
        const value = slots[slot * 2 + 1] ?? 0;
        if (value === 0 || slots[slot * 2] === hash) return value;
      }
    },
  };
}
