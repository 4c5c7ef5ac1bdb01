/**
 * GGUF: header, metadata and tensor table, checked as strictly as the format allows (rule G-4).
 *
 * Every field that old runtimes compute sizes from is checked before use; tensor bytes are never
 * read. Chat templates go to the template reader (rules G-1 to G-3). Specification: ggml
 * `docs/gguf.md`, versions 2 and 3; of version 3 also big-endian, which is known by its version.
 *
 * @module
 */
import { excerpt } from '@proofmark/core';

import { Cursor, SwappedCursor } from '../byte-source.ts';
import { ScanError, fault, faultOffset } from '../errors.ts';
import type { Inspection } from '../inspection.ts';
import { checkEmbedded } from '../text/document.ts';
import { BLOCK_TYPES } from './gguf-type.ts';

const MAGIC = 0x46554747;
/** Version 3 of a machine that writes the highest byte first. */
const BIG_ENDIAN_3 = 0x03000000;
const MAX_STRING_BYTES = 64 * 1024 * 1024;
const MAX_ARRAY_ITEMS = 16 * 1024 * 1024;
const MAX_KEYS = 65_536;
const MAX_TENSORS = 1_048_576;
const MAX_KEY_BYTES = 65_535;
const MAX_NAME_BYTES = 63;
const MAX_DIMS = 4;
const MAX_WANTED_TEXTS = 256;
const DEFAULT_ALIGNMENT = 32;
const KEY = /^[a-z0-9_]+(?:\.[a-z0-9_]+)*$/;
/** Keys that converters write with capitals or dashes, against the letter of the specification. */
const LOOSE_KEY = /^[A-Za-z0-9_./-]+$/;
/** Some runtimes take a list of templates where one is prescribed. */
const TEMPLATES = /chat_template/;
const SCALAR_BYTES = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];
const BOOL = 7;
const STRING = 8;
const ARRAY = 9;
const UINT16 = 2;
const UINT32 = 4;

/** Hears what a well-formed header says, in file order. */
export interface GgufListener {
  /** A text, or an integer of any width; floating-point values come as their bits. */
  value(key: string, value: string | bigint): void;
  /** An array of texts, called for keys that `wants` names. */
  texts(key: string, values: readonly string[]): void;
  wants(key: string): boolean;
  tensor(name: string, type: string, elements: bigint): void;
}

const NOBODY: GgufListener = {
  value: () => undefined,
  texts: () => undefined,
  wants: () => false,
  tensor: () => undefined,
};

interface Tensor {
  readonly name: string;
  readonly sizeBytes: bigint;
  readonly offset: bigint;
}

export function readGguf(inspection: Inspection, listener: GgufListener = NOBODY): void {
  inspection.format = 'gguf';
  try {
    new GgufReader(inspection, listener).read();
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
    inspection.report('G-4', `the file is malformed: ${error.message}`, faultOffset(error));
  }
}

class GgufReader {
  readonly #inspection: Inspection;
  readonly #listener: GgufListener;
  #cursor: Cursor;
  #alignment = DEFAULT_ALIGNMENT;
  readonly #split = new Map<string, bigint>();

  constructor(inspection: Inspection, listener: GgufListener) {
    this.#inspection = inspection;
    this.#listener = listener;
    this.#cursor = new Cursor(inspection.source);
  }

  read(): void {
    if (this.#cursor.u32() !== MAGIC) throw this.#bad('it does not begin with GGUF', 0);
    let version = this.#cursor.u32();
    if (version === BIG_ENDIAN_3) {
      this.#cursor = new SwappedCursor(this.#inspection.source, this.#cursor.offset);
      version = 3;
    }
    if (version !== 2 && version !== 3) throw this.#bad(`version ${version} is not 2 or 3`);
    const tensors = this.#count('tensors', MAX_TENSORS, 24);
    const keys = this.#count('keys', MAX_KEYS, 12);
    this.#readKeys(keys);
    this.#checkSplit();
    const table = this.#readTensors(tensors);
    this.#checkData(table);
  }

  /** A count, bounded by a cap and by what the rest of the file could hold. */
  #count(what: string, cap: number, minBytes: number): number {
    const value = this.#cursor.i64();
    if (value < 0n || value > BigInt(cap)) throw this.#bad(`it claims ${value} ${what}`);
    const count = Number(value);
    if (count * minBytes > this.#cursor.remaining) throw this.#bad(`it claims ${count} ${what}`);
    return count;
  }

  #readKeys(count: number): void {
    const seen = new Set<string>();
    for (let n = 0; n < count; n += 1) {
      this.#inspection.spend(1);
      const at = this.#cursor.offset;
      const key = this.#string(MAX_KEY_BYTES);
      if (!KEY.test(key) && !LOOSE_KEY.test(key))
        throw this.#bad(`the key ${excerpt(key)} is invalid`, at);
      if (seen.has(key)) throw this.#bad(`the key ${key} appears twice`, at);
      seen.add(key);
      this.#readValue(key);
    }
  }

  #readValue(key: string): void {
    const at = this.#cursor.offset;
    const type = this.#cursor.u32();
    if (type === STRING) {
      const start = this.#cursor.offset + 8;
      this.#useText(key, this.#string(MAX_STRING_BYTES), start);
    } else if (type === ARRAY) {
      this.#array(key);
    } else {
      const value = this.#scalar(type, at);
      this.#listener.value(key, value);
      if (key === 'general.alignment') this.#setAlignment(type, value, at);
      if (key.startsWith('split.') && (type === UINT16 || type === UINT32 || type === 5)) {
        this.#split.set(key, value);
      }
    }
  }

  #useText(key: string, text: string, offset: number): void {
    this.#listener.value(key, text);
    checkEmbedded(this.#inspection, key, text, offset);
  }

  #array(key: string): void {
    const at = this.#cursor.offset;
    const type = this.#cursor.u32();
    const length = this.#cursor.u64();
    if (length > BigInt(MAX_ARRAY_ITEMS)) throw this.#bad(`an array claims ${length} items`, at);
    const count = Number(length);
    if (type === STRING) return this.#texts(key, count);
    const itemBytes = SCALAR_BYTES[type] ?? 0;
    if (itemBytes === 0) throw this.#bad(`the array ${excerpt(key)} has type ${type}`, at);
    if (type !== BOOL) return this.#cursor.skip(count * itemBytes);
    const values = this.#cursor.take(count);
    if (values.some((value) => value > 1)) throw this.#bad('a boolean is neither 0 nor 1', at);
  }

  #texts(key: string, count: number): void {
    const wanted = this.#listener.wants(key);
    const judged = TEMPLATES.test(key);
    if (judged && count > MAX_WANTED_TEXTS) throw this.#bad(`it has ${count} chat templates`);
    const values: string[] = [];
    for (let n = 0; n < count; n += 1) {
      if ((wanted || judged) && n < MAX_WANTED_TEXTS) {
        const start = this.#cursor.offset + 8;
        values.push(this.#string(MAX_STRING_BYTES));
        if (judged) checkEmbedded(this.#inspection, key, values.at(-1) ?? '', start);
        continue;
      }
      const size = this.#cursor.size64();
      if (size > MAX_STRING_BYTES) throw this.#bad(`a text claims ${size} bytes`);
      this.#cursor.skip(size);
    }
    this.#inspection.spend(Math.ceil(count / 16));
    if (wanted) this.#listener.texts(key, values);
  }

  #scalar(type: number, at: number): bigint {
    switch (SCALAR_BYTES[type] ?? 0) {
      case 1: {
        const value = this.#cursor.u8();
        if (type === BOOL && value > 1) throw this.#bad('a boolean is neither 0 nor 1', at);
        return BigInt(value);
      }
      case 2:
        return BigInt(this.#cursor.u16());
      case 4:
        return BigInt(this.#cursor.u32());
      case 8:
        return this.#cursor.u64();
      default:
        throw this.#bad(`a value has type ${type}`, at);
    }
  }

  #setAlignment(type: number, value: bigint, at: number): void {
    if (type !== UINT32 || value === 0n || value % 8n !== 0n || (value & (value - 1n)) !== 0n) {
      throw this.#bad(`the alignment ${value} is not a power of two of at least 8`, at);
    }
    this.#alignment = Number(value);
  }

  #checkSplit(): void {
    const [count, number] = [this.#split.get('split.count'), this.#split.get('split.no')];
    if (count === undefined && number === undefined) return;
    if (count === undefined || number === undefined || (count > 0n && number >= count)) {
      throw this.#bad('it is a part of a split model whose number and count contradict');
    }
  }

  #readTensors(count: number): Tensor[] {
    const seen = new Set<string>();
    const tensors: Tensor[] = [];
    for (let n = 0; n < count; n += 1) {
      this.#inspection.spend(1);
      const at = this.#cursor.offset;
      const name = this.#string(MAX_NAME_BYTES);
      if (seen.has(name)) throw this.#bad(`the tensor ${excerpt(name)} appears twice`, at);
      seen.add(name);
      tensors.push(this.#readTensor(name, at));
    }
    return tensors;
  }

  #readTensor(name: string, at: number): Tensor {
    const dims = this.#cursor.u32();
    if (dims > MAX_DIMS) throw this.#bad(`the tensor ${excerpt(name)} has ${dims} dimensions`, at);
    let elements = 1n;
    let row = 1n;
    for (let n = 0; n < dims; n += 1) {
      const size = this.#cursor.i64();
      if (size < 0n) throw this.#bad(`the tensor ${excerpt(name)} has a negative size`, at);
      if (n === 0) row = size;
      elements *= size;
      if (elements >= 1n << 63n) throw this.#bad(`the tensor ${excerpt(name)} overflows`, at);
    }
    const id = this.#cursor.u32();
    const type = BLOCK_TYPES.get(id);
    if (type === undefined) throw this.#bad(`the tensor ${excerpt(name)} has type ${id}`, at);
    if (row % type.elements !== 0n) {
      throw this.#bad(`the rows of ${excerpt(name)} are not whole blocks of ${type.name}`, at);
    }
    const sizeBytes = (elements / type.elements) * type.sizeBytes;
    this.#listener.tensor(name, type.name, elements);
    return { name, sizeBytes, offset: this.#cursor.u64() };
  }

  #checkData(tensors: readonly Tensor[]): void {
    const start = this.#padded(BigInt(this.#cursor.offset));
    let next = 0n;
    for (const tensor of tensors) {
      if (tensor.offset !== next) {
        throw this.#bad(`the tensor ${excerpt(tensor.name)} is not where the one before ends`);
      }
      next = this.#padded(next + tensor.sizeBytes);
    }
    const last = tensors.at(-1);
    const needed = last === undefined ? 0n : start + last.offset + last.sizeBytes;
    const size = BigInt(this.#inspection.source.sizeBytes);
    if (needed > size) throw this.#bad(`the tensors need ${needed} bytes and the file has ${size}`);
    const end = last === undefined ? start : start + next;
    if (size > end) throw this.#bad(`${size - end} bytes follow the last tensor`, Number(end));
  }

  #padded(value: bigint): bigint {
    const alignment = BigInt(this.#alignment);
    return ((value + alignment - 1n) / alignment) * alignment;
  }

  #string(maxBytes: number): string {
    const at = this.#cursor.offset;
    const length = this.#cursor.u64();
    if (length > BigInt(maxBytes)) throw this.#bad(`a text claims ${length} bytes`, at);
    return Buffer.from(this.#cursor.take(Number(length))).toString('utf8');
  }

  #bad(why: string, offset: number = this.#cursor.offset): Error {
    return fault('SCAN_MALFORMED', why, offset);
  }
}
