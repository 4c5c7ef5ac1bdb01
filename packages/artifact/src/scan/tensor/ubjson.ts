/**
 * UBJSON, the binary form in which XGBoost saves models: data only, walked and never built.
 *
 * Universal Binary JSON Specification, draft 12, with the typed arrays that XGBoost writes. The
 * walk checks every length against the file, bounds depth and steps, and reports what two readers
 * could see differently: a key twice in one object, and bytes behind the document (rule C-4).
 *
 * @module
 */
import { excerpt } from '@proofmark/core';

import type { ByteSource } from '../byte-source.ts';
import { Cursor, latin1 } from '../byte-source.ts';
import { ScanError, fault, faultOffset } from '../errors.ts';
import type { Inspection } from '../inspection.ts';

const MAX_DEPTH = 64;
const MAX_KEY_BYTES = 4096;
const MAX_KEYS = 1_000_000;

const code = (letter: string): number => letter.charCodeAt(0);
const [OBJECT, OBJECT_END, ARRAY, ARRAY_END] = [code('{'), code('}'), code('['), code(']')];
const [TYPE, COUNT, NOOP] = [code('$'), code('#'), code('N')];
const [TEXT, BIG_NUMBER] = [code('S'), code('H')];

/** Bytes of the values that have a fixed size, by type. */
const FIXED: ReadonlyMap<number, number> = new Map(
  Object.entries({ Z: 0, T: 0, F: 0, i: 1, U: 1, C: 1, I: 2, l: 4, L: 8, d: 4, D: 8 }).map(
    ([letter, size]) => [code(letter), size],
  ),
);

/** Whether the bytes begin as an object with a first key, which is text of a plausible length. */
export function looksLikeUbjson(source: ByteSource): boolean {
  const cursor = new Cursor(source);
  try {
    if (cursor.u8() !== OBJECT) return false;
    const key = latin1(cursor.take(bounded(lengthOf(cursor, cursor.u8()), MAX_KEY_BYTES)));
    return /^[\w .-]+$/.test(key);
  } catch (error) {
    if (error instanceof ScanError) return false;
    throw error;
  }
}

export function readUbjson(inspection: Inspection): void {
  inspection.format = 'ubjson';
  const walk = new Walk(inspection);
  try {
    const keys = walk.document();
    if (keys.has('learner') && keys.has('version')) inspection.format = 'xgboost-ubj';
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
    inspection.report('C-4', `the UBJSON is malformed: ${error.message}`, faultOffset(error));
  }
}

class Walk {
  readonly #inspection: Inspection;
  readonly #cursor: Cursor;

  constructor(inspection: Inspection) {
    this.#inspection = inspection;
    this.#cursor = new Cursor(inspection.source);
  }

  /** The keys of the outermost object. @throws {ScanError} */
  document(): ReadonlySet<string> {
    const cursor = this.#cursor;
    cursor.skip(1);
    const keys = this.#object(0);
    if (cursor.remaining > 0) {
      const what = `${cursor.remaining} bytes follow the UBJSON document`;
      this.#inspection.report('C-4', what, cursor.offset);
    }
    return keys;
  }

  #value(type: number, depth: number): void {
    const size = FIXED.get(type);
    if (size !== undefined) return this.#cursor.skip(size);
    if (type === TEXT || type === BIG_NUMBER) {
      return this.#cursor.skip(lengthOf(this.#cursor, this.#cursor.u8()));
    }
    if (depth >= MAX_DEPTH) throw fault('SCAN_LIMIT', 'it nests too deep', this.#cursor.offset);
    if (type === ARRAY) this.#array(depth + 1);
    else if (type === OBJECT) this.#object(depth + 1);
    else throw fault('SCAN_MALFORMED', 'a value has no known type', this.#cursor.offset);
  }

  #array(depth: number): void {
    const cursor = this.#cursor;
    const { type, count } = this.#header();
    const size = type === null ? undefined : FIXED.get(type);
    if (size !== undefined && count !== null) return cursor.skip(size * count);
    for (let n = 0; count === null || n < count; n += 1) {
      this.#inspection.spend(1);
      const next = type ?? cursor.u8();
      if (count === null && next === ARRAY_END) return;
      if (next !== NOOP) this.#value(next, depth);
    }
  }

  #object(depth: number): ReadonlySet<string> {
    const cursor = this.#cursor;
    const { type, count } = this.#header();
    const keys = new Set<string>();
    for (let n = 0; count === null || n < count; n += 1) {
      this.#inspection.spend(1);
      const next = cursor.u8();
      if (count === null && next === OBJECT_END) return keys;
      const length = bounded(lengthOf(cursor, next), MAX_KEY_BYTES);
      const at = cursor.offset;
      const key = Buffer.from(cursor.take(length)).toString('utf8');
      if (keys.size >= MAX_KEYS) throw fault('SCAN_LIMIT', 'an object has too many keys', at);
      if (keys.has(key)) {
        this.#inspection.report('C-4', `the key ${excerpt(key)} stands twice in one object`, at);
      }
      keys.add(key);
      this.#value(type ?? cursor.u8(), depth);
    }
    return keys;
  }

  /** The optional type and count of a container; a type without a count is malformed. */
  #header(): { readonly type: number | null; readonly count: number | null } {
    const cursor = this.#cursor;
    let type: number | null = null;
    if (cursor.peek() === TYPE) {
      cursor.skip(1);
      type = cursor.u8();
      if (cursor.peek() !== COUNT) {
        throw fault('SCAN_MALFORMED', 'a container has a type and no count', cursor.offset);
      }
    }
    if (cursor.peek() !== COUNT) return { type, count: null };
    cursor.skip(1);
    return { type, count: lengthOf(cursor, cursor.u8()) };
  }
}

/** A length of the given type; big-endian, as all numbers of UBJSON are. */
function lengthOf(cursor: Cursor, type: number): number {
  const size = FIXED.get(type);
  if (size === undefined || size === 0 || !'iUIlL'.includes(String.fromCharCode(type))) {
    throw fault('SCAN_MALFORMED', 'a length has no integer type', cursor.offset);
  }
  let value = 0;
  for (let n = 0; n < size; n += 1) value = value * 256 + cursor.u8();
  if (type !== code('U') && value >= 2 ** (size * 8 - 1)) {
    throw fault('SCAN_MALFORMED', 'a length is negative', cursor.offset);
  }
  return bounded(value, Number.MAX_SAFE_INTEGER);
}

function bounded(length: number, limit: number): number {
  if (length > limit) throw fault('SCAN_LIMIT', `a length of ${length} is too long`);
  return length;
}
