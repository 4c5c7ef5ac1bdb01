/**
 * Reads a safetensors file into float arrays, strictly.
 *
 * The file was scanned and verified before it got here and is still parsed as hostile: every offset is
 * checked before it is used, and the tensors have to cover the data without gap or overlap, so that no
 * byte of a signed file is read twice or goes unread. Format: safetensors README, section "Format".
 *
 * @module
 */
import { ServeError } from './errors.ts';
import { isJsonObject, readJsonObject } from './json-object.ts';

export interface Tensor {
  readonly shape: readonly number[];
  /** Row-major values; half-width types are widened. */
  readonly values: Float32Array;
}

interface Entry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

type Dtype = 'F32' | 'F16' | 'BF16';

const MAX_HEADER_BYTES = 16 * 1024 * 1024;
const MAX_RANK = 8;
const FILE = 'model.safetensors';
const WIDTHS: Readonly<Record<Dtype, number>> = { F32: 4, F16: 2, BF16: 2 };

/** @throws {ServeError} model_invalid naming the tensor */
export function readSafetensors(file: Uint8Array): ReadonlyMap<string, Tensor> {
  const { entries, data } = readHeader(file);
  let covered = 0;
  for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin)) {
    if (begin !== covered) throw invalid(`"${name}" leaves a gap or overlaps its neighbour`);
    covered = end;
  }
  if (covered !== data.length) throw invalid('there are bytes behind the last tensor');
  return new Map(
    entries.map(({ name, dtype, shape, begin, end }) => [
      name,
      { shape, values: widen(data.subarray(begin, end), dtype) },
    ]),
  );
}

function readHeader(file: Uint8Array): { entries: Entry[]; data: Uint8Array } {
  if (file.length < 8) throw invalid('it is shorter than its header length');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerBytes = view.getBigUint64(0, true);
  if (headerBytes > BigInt(Math.min(MAX_HEADER_BYTES, file.length - 8))) {
    throw invalid('its header is longer than the file or than 16 MiB');
  }
  const start = 8 + Number(headerBytes);
  const header = file.subarray(8, start);
  if (header[0] !== 0x7b) throw invalid('its header does not start with "{"');
  const data = file.subarray(start);
  const entries = Object.entries(readJsonObject(header, FILE))
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => readEntry(name, entry, data.length));
  return { entries, data };
}

function readEntry(name: string, entry: unknown, dataBytes: number): Entry {
  const { dtype, shape, data_offsets: offsets } = isJsonObject(entry) ? entry : {};
  if (!isDtype(dtype)) throw invalid(`"${name}" is not F32, F16 or BF16`);
  if (!isCounts(shape) || shape.length > MAX_RANK || !isCounts(offsets) || offsets.length !== 2) {
    throw invalid(`"${name}" has a bad shape or bad offsets`);
  }
  const [begin = 0, end = 0] = offsets;
  const count = shape.reduce((product, size) => product * size, 1);
  if (begin > end || end > dataBytes || end - begin !== count * WIDTHS[dtype]) {
    throw invalid(`"${name}" does not lie in the file, or not at its size`);
  }
  return { name, dtype, shape, begin, end };
}

function isDtype(value: unknown): value is Dtype {
  return typeof value === 'string' && Object.hasOwn(WIDTHS, value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && Number(n) >= 0);
}

function widen(bytes: Uint8Array, dtype: Dtype): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(bytes.length / WIDTHS[dtype]);
  if (dtype === 'F32') {
    for (let i = 0; i < values.length; i += 1) values[i] = view.getFloat32(i * 4, true);
    return values;
  }
  const table = dtype === 'F16' ? halfTable() : null;
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < values.length; i += 1) {
    const half = view.getUint16(i * 2, true);
    bits[i] = table === null ? half << 16 : (table[half] as number);
  }
  return values;
}

let halves: Uint32Array | undefined;

/** The float32 bits of every half: millions of weights are looked up faster than computed. */
function halfTable(): Uint32Array {
  if (halves !== undefined) return halves;
  const floats = Float32Array.from({ length: 65_536 }, (_, half) => halfToFloat(half));
  halves = new Uint32Array(floats.buffer);
  return halves;
}

/** IEEE 754 binary16. */
export function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function invalid(why: string): ServeError {
  return new ServeError('model_invalid', `cannot load ${FILE}: ${why}`);
}
