/**
 * Reads a safetensors file into float arrays, strictly.
 *
 * The file was scanned and verified before it got here and is still parsed as hostile: every offset
 * is checked before it is used. Format: safetensors README, section "Format".
 *
 * @module
 */
import { ServeError } from './errors.ts';

export interface Tensor {
  readonly shape: readonly number[];
  /** Row-major values; half-width types are widened. */
  readonly values: Float32Array;
}

const MAX_HEADER_BYTES = 16 * 1024 * 1024;
const WIDTHS: ReadonlyMap<unknown, number> = new Map([
  ['F32', 4],
  ['F16', 2],
  ['BF16', 2],
]);

export function readSafetensors(file: Uint8Array): ReadonlyMap<string, Tensor> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 8) throw invalid('it is shorter than its header length');
  const headerBytes = Number(view.getBigUint64(0, true));
  if (headerBytes > MAX_HEADER_BYTES || 8 + headerBytes > file.length) {
    throw invalid('its header is longer than the file or than 16 MiB');
  }
  const header = parseHeader(file.subarray(8, 8 + headerBytes));
  const data = file.subarray(8 + headerBytes);
  const tensors = new Map<string, Tensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name !== '__metadata__') tensors.set(name, readTensor(name, entry, data));
  }
  return tensors;
}

function parseHeader(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Readonly<Record<string, unknown>>;
    }
  } catch {
    // Refused below, without the bytes.
  }
  throw invalid('its header is not a JSON object');
}

function readTensor(name: string, entry: unknown, data: Uint8Array): Tensor {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const width = WIDTHS.get(dtype);
  if (width === undefined) throw invalid(`tensor "${name}" is not F32, F16 or BF16`);
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
    throw invalid(`tensor "${name}" has a bad shape or offsets`);
  }
  const [begin = 0, end = 0] = offsets;
  const count = shape.reduce((product, size) => product * size, 1);
  if (end > data.length || begin > end || end - begin !== count * width) {
    throw invalid(`tensor "${name}" does not lie in the file`);
  }
  return { shape, values: widen(data.subarray(begin, end), String(dtype), count) };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && Number(n) >= 0);
}

function widen(bytes: Uint8Array, dtype: string, count: number): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(count);
  if (dtype === 'F32') {
    for (let i = 0; i < count; i += 1) values[i] = view.getFloat32(i * 4, true);
  } else if (dtype === 'F16') {
    for (let i = 0; i < count; i += 1) values[i] = halfToFloat(view.getUint16(i * 2, true));
  } else {
    const bits = new Uint32Array(values.buffer);
    for (let i = 0; i < count; i += 1) bits[i] = view.getUint16(i * 2, true) << 16;
  }
  return values;
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
  return new ServeError('model_invalid', `cannot load model.safetensors: ${why}`);
}
