/**
 * The LZMA decoder: range coder, probability models, matches (LZMA specification, 7-Zip).
 *
 * State lives across chunks so that LZMA2 can reset parts of it. Output is bounded by its buffer.
 *
 * @module
 */
import { fault } from '../errors.ts';
import type { OutputBuffer } from './output-buffer.ts';

const TOP = 0x1000000;
const HALF = 1024;
const POS_STATES_MAX = 16;
const MATCH_MIN = 2;
const END_MARKER = 0xffffffff;

export interface LzmaProperties {
  readonly literalContext: number;
  readonly literalPosition: number;
  readonly position: number;
}

/** The properties of one byte: (pb * 5 + lp) * 9 + lc. @throws {ScanError} SCAN_MALFORMED */
export function lzmaProperties(byte: number): LzmaProperties {
  if (byte >= 225) throw fault('SCAN_MALFORMED', 'the LZMA properties are out of range');
  return {
    literalContext: byte % 9,
    literalPosition: Math.floor(byte / 9) % 5,
    position: Math.floor(byte / 45),
  };
}

function models(count: number): Uint16Array {
  return new Uint16Array(count).fill(HALF);
}

class RangeDecoder {
  readonly #bytes: Uint8Array;
  offset: number;
  #range = 0xffffffff;
  #code = 0;

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes;
    this.offset = offset + 1;
    if (bytes[offset] !== 0) throw fault('SCAN_MALFORMED', 'the LZMA stream has a bad first byte');
    for (let n = 0; n < 4; n += 1) this.#code = ((this.#code << 8) | this.#next()) >>> 0;
  }

  bit(probabilities: Uint16Array, index: number): number {
    const probability = probabilities[index] ?? HALF;
    const bound = (this.#range >>> 11) * probability;
    let bit = 0;
    if (this.#code < bound) {
      this.#range = bound;
      probabilities[index] = probability + ((2048 - probability) >> 5);
    } else {
      this.#code -= bound;
      this.#range -= bound;
      probabilities[index] = probability - (probability >> 5);
      bit = 1;
    }
    this.#normalize();
    return bit;
  }

  direct(count: number): number {
    let value = 0;
    for (let n = 0; n < count; n += 1) {
      this.#range >>>= 1;
      const bit = this.#code >= this.#range ? 1 : 0;
      if (bit === 1) this.#code -= this.#range;
      value = value * 2 + bit;
      this.#normalize();
    }
    return value;
  }

  tree(probabilities: Uint16Array, base: number, bits: number): number {
    let node = 1;
    for (let n = 0; n < bits; n += 1) node = node * 2 + this.bit(probabilities, base + node);
    return node - (1 << bits);
  }

  reverseTree(probabilities: Uint16Array, base: number, bits: number): number {
    let [node, value] = [1, 0];
    for (let n = 0; n < bits; n += 1) {
      const bit = this.bit(probabilities, base + node);
      node = node * 2 + bit;
      value |= bit << n;
    }
    return value;
  }

  #normalize(): void {
    if (this.#range >= TOP) return;
    this.#range = (this.#range << 8) >>> 0;
    this.#code = ((this.#code << 8) | this.#next()) >>> 0;
  }

  #next(): number {
    const byte = this.#bytes[this.offset];
    if (byte === undefined) throw fault('SCAN_TRUNCATED', 'the LZMA stream ends early');
    this.offset += 1;
    return byte;
  }
}

class LengthModel {
  readonly #choice = models(2);
  readonly #low = models(POS_STATES_MAX * 8);
  readonly #middle = models(POS_STATES_MAX * 8);
  readonly #high = models(256);

  read(coder: RangeDecoder, posState: number): number {
    if (coder.bit(this.#choice, 0) === 0) return coder.tree(this.#low, posState * 8, 3);
    if (coder.bit(this.#choice, 1) === 0) return 8 + coder.tree(this.#middle, posState * 8, 3);
    return 16 + coder.tree(this.#high, 0, 8);
  }
}

/** One decoder over one output. `run` may be called again after a reset, as LZMA2 does. */
export class LzmaDecoder {
  readonly #output: OutputBuffer;
  #properties: LzmaProperties = { literalContext: 0, literalPosition: 0, position: 0 };
  #literals = models(0);
  #isMatch = models(0);
  #isRep = models(0);
  #isRepLong = models(0);
  #isRep1 = models(0);
  #isRep2 = models(0);
  #isRep0Long = models(0);
  #slots = models(0);
  #special = models(0);
  #align = models(0);
  #matchLength = new LengthModel();
  #repLength = new LengthModel();
  #state = 0;
  #reps: [number, number, number, number] = [0, 0, 0, 0];

  constructor(output: OutputBuffer) {
    this.#output = output;
  }

  reset(properties: LzmaProperties = this.#properties): void {
    this.#properties = properties;
    this.#literals = models(0x300 << (properties.literalContext + properties.literalPosition));
    this.#isMatch = models(12 * POS_STATES_MAX);
    this.#isRep = models(12);
    this.#isRepLong = models(12);
    this.#isRep1 = models(12);
    this.#isRep2 = models(12);
    this.#isRep0Long = models(12 * POS_STATES_MAX);
    this.#slots = models(4 * 64);
    this.#special = models(128);
    this.#align = models(16);
    this.#matchLength = new LengthModel();
    this.#repLength = new LengthModel();
    this.#state = 0;
    this.#reps = [0, 0, 0, 0];
  }

  /** Decodes until the output has `end` bytes or the end marker; returns the input offset. */
  run(input: Uint8Array, offset: number, end: number | null): number {
    const coder = new RangeDecoder(input, offset);
    while (end === null || this.#output.length < end) {
      const posState = this.#output.length & ((1 << this.#properties.position) - 1);
      if (coder.bit(this.#isMatch, this.#state * POS_STATES_MAX + posState) === 0) {
        this.#literal(coder);
        continue;
      }
      const length = this.#match(coder, posState);
      if (length === null) break;
      if (length === 0) continue;
      if (end !== null && this.#output.length + length > end) {
        throw fault('SCAN_MALFORMED', 'an LZMA match runs over the end of its chunk');
      }
      this.#output.copy(this.#reps[0] + 1, length);
    }
    return coder.offset;
  }

  #literal(coder: RangeDecoder): void {
    const { literalContext, literalPosition } = this.#properties;
    const position = this.#output.length & ((1 << literalPosition) - 1);
    const context = (position << literalContext) + (this.#output.back(1) >> (8 - literalContext));
    const base = 0x300 * context;
    let symbol = 1;
    if (this.#state >= 7) {
      let match = this.#output.back(this.#reps[0] + 1);
      while (symbol < 0x100) {
        const matchBit = (match >> 7) & 1;
        match <<= 1;
        const bit = coder.bit(this.#literals, base + ((1 + matchBit) << 8) + symbol);
        symbol = symbol * 2 + bit;
        if (bit !== matchBit) break;
      }
    }
    while (symbol < 0x100) symbol = symbol * 2 + coder.bit(this.#literals, base + symbol);
    this.#output.push(symbol & 0xff);
    this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6;
  }

  /** The length of the match; 0 when one byte was written; null at the end marker. */
  #match(coder: RangeDecoder, posState: number): number | null {
    if (coder.bit(this.#isRep, this.#state) === 1) return this.#repeat(coder, posState);
    const [first, second, third] = this.#reps;
    const length = this.#matchLength.read(coder, posState);
    this.#state = this.#state < 7 ? 7 : 10;
    const distance = this.#distance(coder, length);
    this.#reps = [distance, first, second, third];
    return distance === END_MARKER ? null : length + MATCH_MIN;
  }

  #repeat(coder: RangeDecoder, posState: number): number {
    const [first, second, third, fourth] = this.#reps;
    if (coder.bit(this.#isRepLong, this.#state) === 0) {
      if (coder.bit(this.#isRep0Long, this.#state * POS_STATES_MAX + posState) === 0) {
        this.#state = this.#state < 7 ? 9 : 11;
        this.#output.copy(first + 1, 1);
        return 0;
      }
    } else if (coder.bit(this.#isRep1, this.#state) === 0) {
      this.#reps = [second, first, third, fourth];
    } else if (coder.bit(this.#isRep2, this.#state) === 0) {
      this.#reps = [third, first, second, fourth];
    } else {
      this.#reps = [fourth, first, second, third];
    }
    const length = this.#repLength.read(coder, posState);
    this.#state = this.#state < 7 ? 8 : 11;
    return length + MATCH_MIN;
  }

  #distance(coder: RangeDecoder, length: number): number {
    const slot = coder.tree(this.#slots, Math.min(length, 3) * 64, 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const base = (2 | (slot & 1)) * 2 ** bits;
    if (slot < 14) return base + coder.reverseTree(this.#special, base - slot, bits);
    return base + coder.direct(bits - 4) * 16 + coder.reverseTree(this.#align, 0, 4);
  }
}
