/**
 * The element type of a NumPy array, as far as its size and whether it holds Python objects.
 *
 * Read from the array-protocol text (`<f8`, `|O`), from a pickled `numpy.dtype`, or from the
 * literal of a `.npy` header. Null means that it is not understood, which is never "plain data".
 *
 * @module
 */
import type { Value } from '../pickle/value.ts';
import { isGlobal, sizeOf, textOf } from '../pickle/value.ts';

export interface ElementType {
  readonly sizeBytes: number;
  /** Elements are pickled, not raw. */
  readonly hasObjects: boolean;
}

const CODE = /^[<>|=]?([?bBhHiIlLqQefdgFDGSaUVOmMcu])(\d*)(?:\[[\w/]*\])?$/;
const FIXED: Readonly<Record<string, number>> = {
  '?': 1,
  e: 2,
  f: 4,
  d: 8,
  g: 16,
  F: 8,
  D: 16,
  G: 32,
  h: 2,
  H: 2,
  i: 4,
  I: 4,
  l: 8,
  L: 8,
  q: 8,
  Q: 8,
  b: 1,
  B: 1,
  c: 1,
  m: 8,
  M: 8,
  O: 8,
};
const MAX_DEPTH = 16;

/** The type that an array-protocol text names. */
export function elementType(code: string): ElementType | null {
  const match = CODE.exec(code);
  if (match === null) return null;
  const [, letter = '', digits = ''] = match;
  if (letter === 'O') return { sizeBytes: 8, hasObjects: true };
  if (digits === '') {
    const fixed = FIXED[letter] ?? (letter === 'S' || letter === 'U' || letter === 'V' ? 0 : null);
    return fixed === null ? null : { sizeBytes: fixed, hasObjects: false };
  }
  const count = Number(digits);
  if (!Number.isSafeInteger(count)) return null;
  return { sizeBytes: letter === 'U' ? count * 4 : count, hasObjects: false };
}

/** The type of a pickled `numpy.dtype`: its code, and its fields where it has some. */
export function pickledElementType(value: Value | undefined, depth = 0): ElementType | null {
  if (depth > MAX_DEPTH || value?.kind !== 'object' || !isGlobal(value.callee, 'numpy', 'dtype')) {
    return null;
  }
  const code = value.args.kind === 'tuple' ? textOf(value.args.items[0]) : null;
  const plain = code === null ? null : elementType(code);
  if (plain === null || value.state === null) return plain;
  if (value.state.kind !== 'tuple') return null;
  const [, , subarray, , fields, size] = value.state.items;
  const parts = fieldTypes(subarray, fields, depth);
  if (parts === null) return null;
  return {
    sizeBytes: sizeOf(size) ?? plain.sizeBytes,
    hasObjects: plain.hasObjects || parts.some((part) => part.hasObjects),
  };
}

function fieldTypes(
  subarray: Value | undefined,
  fields: Value | undefined,
  depth: number,
): ElementType[] | null {
  const members: (Value | undefined)[] = [];
  if (subarray?.kind === 'tuple') members.push(subarray.items[0]);
  if (fields?.kind === 'dict') {
    for (const field of fields.entries.values()) {
      members.push(field.kind === 'tuple' ? field.items[0] : undefined);
    }
  }
  const types: ElementType[] = [];
  for (const member of members) {
    const type = pickledElementType(member, depth + 1);
    if (type === null) return null;
    types.push(type);
  }
  return types;
}
