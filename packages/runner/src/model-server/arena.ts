/**
 * The memory that weights, sessions and intermediate results live in, and the products over it.
 *
 * Places are indices of floats in one linear WebAssembly memory, at multiples of four. Memory is
 * handed out and never taken back, and starts as zeros; it grows when needed, up to `limitBytes`.
 *
 * @module
 */
import { createKernel, createMemory, PAGE_BYTES } from './wasm-kernel.ts';

/** Rows of floats at a place; `stride` floats from one row to the next. */
export interface Rows {
  readonly at: number;
  readonly stride: number;
}

export interface ProductSize {
  readonly rows: number;
  readonly tokens: number;
  /** A positive multiple of four. */
  readonly columns: number;
}

export interface Arena {
  /** All of the memory. `allocate` may replace it: take it again afterwards. */
  readonly floats: Float32Array;
  /** Place of `length` zeros, or null when the memory cannot grow that far. */
  allocate(length: number): number | null;
  /** `out[t][r] = sum over columns of weights[r] * x[t]`, for every row `r` and token `t`. */
  multiply(weights: Rows, x: Rows, out: Rows, size: ProductSize): void;
  /** Replaces `length` floats, a positive multiple of four, by their powers of e. */
  exponentiate(at: number, length: number): void;
}

const FLOAT_BYTES = 4;
const LANES = 4;
/** One page short of 4 GiB, so that the end of the last row is still a 32-bit number. */
export const ARENA_MAX_BYTES: number = 65_535 * PAGE_BYTES;

export function createArena(limitBytes: number = ARENA_MAX_BYTES): Arena {
  const memory = createMemory(Math.floor(limitBytes / PAGE_BYTES));
  const kernel = createKernel(memory);
  let floats = new Float32Array(memory.buffer);
  let used = 0;
  const reach = (length: number): boolean => {
    const missing = Math.ceil((length - floats.length) / (PAGE_BYTES / FLOAT_BYTES));
    if (missing <= 0) return true;
    try {
      memory.grow(missing);
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
    floats = new Float32Array(memory.buffer);
    return true;
  };
  return {
    get floats(): Float32Array {
      return floats;
    },
    allocate(length) {
      const end = used + Math.ceil(length / LANES) * LANES;
      if (!Number.isSafeInteger(end) || !reach(end)) return null;
      const at = used;
      used = end;
      return at;
    },
    multiply(weights, x, out, { rows, tokens, columns }) {
      kernel.multiply(
        weights.at * FLOAT_BYTES,
        weights.stride * FLOAT_BYTES,
        x.at * FLOAT_BYTES,
        x.stride * FLOAT_BYTES,
        out.at * FLOAT_BYTES,
        out.stride * FLOAT_BYTES,
        rows,
        tokens,
        columns * FLOAT_BYTES,
      );
    },
    exponentiate(at, length) {
      kernel.exponentiate(at * FLOAT_BYTES, length * FLOAT_BYTES);
    },
  };
}
