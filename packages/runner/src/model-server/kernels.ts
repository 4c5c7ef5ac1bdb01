/**
 * The arithmetic of the engine: loops over Float32Array, nothing allocated, no checks.
 *
 * Callers own the sizes: every buffer is made from a validated configuration before the first call.
 * Sums are accumulated in double precision, in a fixed order, so the same input gives the same bits.
 *
 * @module
 */

/** Cosines and sines of every position, `headSize / 2` of each. */
export interface RotaryTable {
  readonly cos: Float32Array;
  readonly sin: Float32Array;
}

/** `out = weights * x`; `weights` has `out.length` rows of `x.length`. Four sums hide latency. */
export function multiply(weights: Float32Array, x: Float32Array, out: Float32Array): void {
  const columns = x.length;
  const whole = columns - (columns % 4);
  for (let row = 0; row < out.length; row += 1) {
    const at = row * columns;
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let i = 0; i < whole; i += 4) {
      a += (weights[at + i] as number) * (x[i] as number);
      b += (weights[at + i + 1] as number) * (x[i + 1] as number);
      c += (weights[at + i + 2] as number) * (x[i + 2] as number);
      d += (weights[at + i + 3] as number) * (x[i + 3] as number);
    }
    for (let i = whole; i < columns; i += 1) a += (weights[at + i] as number) * (x[i] as number);
    out[row] = a + b + (c + d);
  }
}

export function add(x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < x.length; i += 1) x[i] = (x[i] as number) + (y[i] as number);
}

/** RMSNorm: `out = x / rms(x) * weight`. */
export function normalise(
  x: Float32Array,
  weight: Float32Array,
  out: Float32Array,
  epsilon: number,
): void {
  let sum = 0;
  for (let i = 0; i < x.length; i += 1) sum += (x[i] as number) * (x[i] as number);
  const scale = 1 / Math.sqrt(sum / x.length + epsilon);
  for (let i = 0; i < x.length; i += 1) out[i] = (x[i] as number) * scale * (weight[i] as number);
}

/** SwiGLU: `gate = silu(gate) * up`. */
export function gateWith(gate: Float32Array, up: Float32Array): void {
  for (let i = 0; i < gate.length; i += 1) {
    const g = gate[i] as number;
    gate[i] = (g / (1 + Math.exp(-g))) * (up[i] as number);
  }
}

export function rotaryTable(maxPositions: number, headSize: number, theta: number): RotaryTable {
  const half = headSize / 2;
  const cos = new Float32Array(maxPositions * half);
  const sin = new Float32Array(maxPositions * half);
  for (let i = 0; i < half; i += 1) {
    const frequency = theta ** ((-2 * i) / headSize);
    for (let position = 0; position < maxPositions; position += 1) {
      cos[position * half + i] = Math.cos(position * frequency);
      sin[position * half + i] = Math.sin(position * frequency);
    }
  }
  return { cos, sin };
}

/** Rotates every head of `x` in place, element `i` with `i + headSize / 2` (halves, not pairs). */
export function rotate(
  x: Float32Array,
  headSize: number,
  position: number,
  table: RotaryTable,
): void {
  const half = headSize / 2;
  const from = position * half;
  for (let head = 0; head < x.length; head += headSize) {
    for (let i = 0; i < half; i += 1) {
      const cos = table.cos[from + i] as number;
      const sin = table.sin[from + i] as number;
      const a = x[head + i] as number;
      const b = x[head + half + i] as number;
      x[head + i] = a * cos - b * sin;
      x[head + half + i] = b * cos + a * sin;
    }
  }
}

/** One head of attention over the cache. */
export interface HeadSpan {
  /** Where the head's query and output start. */
  readonly head: number;
  /** Where its key and value start within one position of the cache. */
  readonly from: number;
  readonly headSize: number;
  /** Floats of one position of the cache. */
  readonly stride: number;
  /** Positions to attend to. */
  readonly count: number;
}

export interface HeadBuffers {
  readonly q: Float32Array;
  readonly keys: Float32Array;
  readonly values: Float32Array;
  readonly out: Float32Array;
  /** Scratch, at least `count` long. */
  readonly scores: Float32Array;
}

export function attend(buffers: HeadBuffers, span: HeadSpan): void {
  const { q, keys, scores } = buffers;
  const { head, from, headSize, stride, count } = span;
  const scale = 1 / Math.sqrt(headSize);
  let max = Number.NEGATIVE_INFINITY;
  for (let t = 0; t < count; t += 1) {
    const at = t * stride + from;
    let sum = 0;
    for (let i = 0; i < headSize; i += 1) sum += (q[head + i] as number) * (keys[at + i] as number);
    sum *= scale;
    scores[t] = sum;
    if (sum > max) max = sum;
  }
  let total = 0;
  for (let t = 0; t < count; t += 1) {
    const weight = Math.exp((scores[t] as number) - max);
    scores[t] = weight;
    total += weight;
  }
  mixValues(buffers, span, 1 / total);
}

function mixValues({ values, out, scores }: HeadBuffers, span: HeadSpan, scale: number): void {
  const { head, from, headSize, stride, count } = span;
  out.fill(0, head, head + headSize);
  for (let t = 0; t < count; t += 1) {
    const weight = (scores[t] as number) * scale;
    const at = t * stride + from;
    for (let i = 0; i < headSize; i += 1) {
      out[head + i] = (out[head + i] as number) + weight * (values[at + i] as number);
    }
  }
}
