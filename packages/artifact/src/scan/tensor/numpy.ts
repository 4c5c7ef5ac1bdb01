/**
 * NumPy `.npy` files (format 1.0 to 3.0).
 *
 * Plain arrays: the data must be exactly as long as the header says. Arrays whose type holds
 * objects are a pickle behind the header and are judged as one.
 *
 * @module
 */
import { Cursor, sliceSource } from '../byte-source.ts';
import { ScanError, faultOffset } from '../errors.ts';
import type { Inspection } from '../inspection.ts';
import { readPickles } from '../pickle/stream.ts';
import type { ElementType } from './dtype.ts';
import { elementType } from './dtype.ts';
import type { Literal } from './python-literal.ts';
import { parseLiteral } from './python-literal.ts';

export const NUMPY_MAGIC = '\u0093NUMPY';
const MAX_HEADER_BYTES = 1 << 20;
const MAX_ARRAYS = 10_000;
const KEYS = ['descr', 'fortran_order', 'shape'];

export function readNumpy(inspection: Inspection): void {
  const { source } = inspection;
  let offset = 0;
  for (let count = 0; offset < source.sizeBytes; count += 1) {
    inspection.spend(1);
    if (count > 0 && !startsArray(inspection, offset)) {
      const left = source.sizeBytes - offset;
      inspection.report('N-1', `${left} bytes follow the array`, offset);
      inspection.member(`bytes@${offset}`, sliceSource(source, offset, source.sizeBytes));
      break;
    }
    if (count >= MAX_ARRAYS) {
      inspection.report('M-3', `more than ${MAX_ARRAYS} arrays in one file`, offset);
      break;
    }
    const end = readArray(inspection, offset);
    if (end === null) break;
    offset = end;
  }
  inspection.format = 'npy';
}

function startsArray(inspection: Inspection, offset: number): boolean {
  return Buffer.from(inspection.source.read(offset, 6)).toString('latin1') === NUMPY_MAGIC;
}

function readArray(inspection: Inspection, offset: number): number | null {
  const { source } = inspection;
  let header: Header;
  try {
    header = readHeader(new Cursor(source, offset));
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
    const what = `the array header is malformed: ${error.message}`;
    inspection.report('N-1', what, faultOffset(error) ?? offset);
    return null;
  }
  const { type, count, dataOffset } = header;
  if (type.hasObjects) {
    readPickles(inspection, dataOffset);
    return null;
  }
  const end = BigInt(dataOffset) + count * BigInt(type.sizeBytes);
  if (end > BigInt(source.sizeBytes)) {
    const what = `the array needs ${end - BigInt(dataOffset)} bytes`;
    inspection.report('N-1', `${what} and ${source.sizeBytes - dataOffset} remain`, dataOffset);
    return null;
  }
  return Number(end);
}

interface Header {
  readonly type: ElementType;
  readonly count: bigint;
  readonly dataOffset: number;
}

function readHeader(cursor: Cursor): Header {
  cursor.skip(6);
  const [major, minor] = [cursor.u8(), cursor.u8()];
  if (major < 1 || major > 3 || minor !== 0) throw bad(`version ${major}.${minor} does not exist`);
  const length = major === 1 ? cursor.u16() : cursor.u32();
  cursor.check(length);
  if (length > MAX_HEADER_BYTES) throw bad(`a header of ${length} bytes`);
  const text = Buffer.from(cursor.take(length)).toString(major === 3 ? 'utf8' : 'latin1');
  return { ...described(parseLiteral(text)), dataOffset: cursor.offset };
}

function described(header: Literal): Omit<Header, 'dataOffset'> {
  if (header.kind !== 'dict') throw bad('it is not a dict');
  const keys = [...header.entries.keys()].toSorted();
  if (keys.join() !== KEYS.join()) throw bad('its keys are not the three prescribed ones');
  const type = describedType(header.entries.get('descr'), 0);
  if (type === null) throw bad('its type is not understood');
  if (header.entries.get('fortran_order')?.kind !== 'bool') throw bad('its order is not a boolean');
  return { type, count: elements(header.entries.get('shape')) };
}

function elements(shape: Literal | undefined): bigint {
  if (shape?.kind !== 'tuple') throw bad('its shape is not a tuple');
  let count = 1n;
  for (const size of shape.items) {
    if (size.kind !== 'int' || size.value < 0n) throw bad('its shape is not of sizes');
    count *= size.value;
  }
  return count;
}

/** The type of a `descr`: text, or a list of (name, type[, shape]) with nested types. */
function describedType(descr: Literal | undefined, depth: number): ElementType | null {
  if (depth > 8 || descr === undefined) return null;
  if (descr.kind === 'text') return elementType(descr.value);
  if (descr.kind === 'tuple') {
    const [base, shape] = descr.items;
    return repeated(describedType(base, depth + 1), shape);
  }
  if (descr.kind !== 'list') return null;
  let [sizeBytes, hasObjects] = [0, false];
  for (const field of descr.items) {
    if (field.kind !== 'tuple') return null;
    const [, type, shape] = field.items;
    const part = repeated(describedType(type, depth + 1), shape);
    if (part === null) return null;
    sizeBytes += part.sizeBytes;
    hasObjects ||= part.hasObjects;
  }
  return { sizeBytes, hasObjects };
}

function repeated(type: ElementType | null, shape: Literal | undefined): ElementType | null {
  if (type === null || shape === undefined) return type;
  const sizes = shape.kind === 'tuple' ? shape.items : [shape];
  let count = 1;
  for (const size of sizes) {
    if (size.kind !== 'int' || size.value < 0n) return null;
    count *= Number(size.value);
  }
  const sizeBytes = type.sizeBytes * count;
  return Number.isSafeInteger(sizeBytes) ? { ...type, sizeBytes } : null;
}

function bad(why: string): Error {
  return new ScanError('SCAN_MALFORMED', why);
}
