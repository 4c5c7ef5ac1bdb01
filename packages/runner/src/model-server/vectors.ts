/**
 * What a layer does to vectors besides products: norms, rotary positions, softmax, SwiGLU.
 *
 * All work in place on the floats of the arena, at places the caller vouches for, and allocate nothing.
 * Lengths of `gated` and `softmax` (as padded) are multiples of four.
 *
 * @module
 */
import type { Arena } from './arena.ts';

export interface RotaryTable {
  readonly cos: Float32Array;
  readonly sin: Float32Array;
  /** Floats of one head. */
  readonly size: number;
}

export interface NormWeights {
  readonly at: number;
  readonly length: number;
  readonly epsilon: number;
}

/** RMSNorm of the vector at `x` into `out`. */
export function normalise(floats: Float32Array, norm: NormWeights, x: number, out: number): void {
  const { at, length, epsilon } = norm;
  let sum = 0;
  for (let i = 0; i < length; i += 1) sum += (floats[x + i] as number) ** 2;
  const scale = 1 / Math.sqrt(sum / length + epsilon);
  for (let i = 0; i < length; i += 1) {
    floats[out + i] = (floats[x + i] as number) * scale * (floats[at + i] as number);
  }
}

/** Adds the `length` floats at `y` to those at `x`. */
export function add(floats: Float32Array, x: number, y: number, length: number): void {
  for (let i = 0; i < length; i += 1) {
    floats[x + i] = (floats[x + i] as number) + (floats[y + i] as number);
  }
}

/** `gate = silu(gate) * up`, over `length` floats each; `up` is used up. */
export function gated(arena: Arena, gate: number, up: number, length: number): void {
  const { floats } = arena;
  for (let i = 0; i < length; i += 1) {
    const g = floats[gate + i] as number;
    floats[up + i] = (floats[up + i] as number) * g;
    floats[gate + i] = -g;
  }
  arena.exponentiate(gate, length);
  for (let i = 0; i < length; i += 1) {
    floats[gate + i] = (floats[up + i] as number) / (1 + (floats[gate + i] as number));
  }
}

/** Softmax of the first `count` of `scale * scores`; the rest up to `padded` become zero. */
export function softmax(
  arena: Arena,
  scores: number,
  scale: number,
  length: { readonly count: number; readonly padded: number },
): void {
  const { floats } = arena;
  const end = scores + length.count;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = scores; i < end; i += 1) {
    const score = floats[i] as number;
    if (score > max) max = score;
  }
  for (let i = scores; i < end; i += 1) floats[i] = ((floats[i] as number) - max) * scale;
  floats.fill(0, end, scores + length.padded);
  arena.exponentiate(scores, length.padded);
  let total = 0;
  for (let i = scores; i < end; i += 1) total += floats[i] as number;
  const share = 1 / total;
  for (let i = scores; i < end; i += 1) floats[i] = (floats[i] as number) * share;
  floats.fill(0, end, scores + length.padded);
}

/** Rotates the `heads` heads at `x`, each element `i` with element `i + size / 2`. */
export function rotate(
  floats: Float32Array,
  table: RotaryTable,
  position: number,
  heads: { readonly at: number; readonly count: number },
): void {
  const { cos, sin, size } = table;
  const half = size / 2;
  const angle = position * half;
  for (let head = 0; head < heads.count; head += 1) {
    const x = heads.at + head * size;
    for (let i = 0; i < half; i += 1) {
      const c = cos[angle + i] as number;
      const s = sin[angle + i] as number;
      const a = floats[x + i] as number;
      const b = floats[x + half + i] as number;
      floats[x + i] = a * c - b * s;
      floats[x + half + i] = b * c + a * s;
    }
  }
}

/** Cosine and sine of every angle, `size / 2` per position. */
export function rotaryTable(positions: number, size: number, theta: number): RotaryTable {
  const half = size / 2;
  const cos = new Float32Array(positions * half);
  const sin = new Float32Array(positions * half);
  for (let position = 0; position < positions; position += 1) {
    for (let i = 0; i < half; i += 1) {
      const angle = position / theta ** ((2 * i) / size);
      cos[position * half + i] = Math.cos(angle);
      sin[position * half + i] = Math.sin(angle);
    }
  }
  return { cos, sin, size };
}
