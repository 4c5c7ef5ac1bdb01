/**
 * Powers of e for four floats at a time, in place: the attention weights and the gates need many.
 *
 * `e^x = 2^n * e^r` with `n = round(x / ln 2)`, so that `|r| <= ln 2 / 2`, and a polynomial for
 * `e^r`. Relative error below one part in a million; the same bits on every machine. Outside of
 * -87 to 88, where a float ends, the value at the bound is taken. NaN stays NaN.
 *
 * @module
 */
import { op, sequence } from './wasm-assembler.ts';
import type { Code, WasmFunction } from './wasm-assembler.ts';

const LOWEST = -87;
const HIGHEST = 88;
/** ln 2 in two parts: the first has so few bits that `n` times it is exact. */
const LN2_HIGH = 0.693_359_375;
const LN2_LOW = Math.LN2 - LN2_HIGH;
/** Taylor series of `e^r`, highest power first. */
const SERIES = [1 / 720, 1 / 120, 1 / 24, 1 / 6, 1 / 2, 1, 1] as const;
const EXPONENT_BIAS = 127;
const FRACTION_BITS = 23;
const VECTOR_BYTES = 16;

/** Parameters and locals: from where, how many bytes (a positive multiple of 16). */
const AT = 0;
const BYTES = 1;
const END = 2;
const X = 3;
const N = 4;
const R = 5;

export function exponential(): WasmFunction {
  const body = [
    sequence(op.localGet(AT), op.localGet(BYTES), op.i32Add, op.localSet(END)),
    op.loop(
      sequence(op.localGet(AT), op.v128Load(0)),
      sequence(all(LOWEST), op.f32x4Max, all(HIGHEST), op.f32x4Min, op.localSet(X)),
      sequence(op.localGet(X), all(Math.LOG2E), op.f32x4Multiply),
      sequence(op.f32x4Nearest, op.localSet(N)),
      sequence(op.localGet(X), timesN(LN2_HIGH), op.f32x4Subtract),
      sequence(timesN(LN2_LOW), op.f32x4Subtract, op.localSet(R)),
      op.localGet(AT),
      polynomial(),
      sequence(powerOfTwo(), op.f32x4Multiply, op.v128Store(0)),
      sequence(op.localGet(AT), op.i32Const(VECTOR_BYTES), op.i32Add, op.localSet(AT)),
      sequence(op.localGet(AT), op.localGet(END), op.i32LessUnsigned, op.branchIf(0)),
    ),
  ];
  return { parameters: 2, integers: 1, vectors: 3, body: body.flat() };
}

const all = (value: number): Code => op.f32x4Const(value);
const timesN = (value: number): Code => sequence(op.localGet(N), all(value), op.f32x4Multiply);

/** The series at `r`, by Horner's rule. */
function polynomial(): Code {
  const [first, ...rest] = SERIES;
  return [
    ...all(first),
    ...rest.flatMap((c) => sequence(op.localGet(R), op.f32x4Multiply, all(c), op.f32x4Add)),
  ];
}

/** `2^n`: the biased exponent, moved to where a float keeps it. */
function powerOfTwo(): Code {
  return [
    ...op.localGet(N),
    ...all(EXPONENT_BIAS),
    ...op.f32x4Add,
    ...op.i32x4Truncate,
    ...op.i32Const(FRACTION_BITS),
    ...op.i32x4ShiftLeft,
  ];
}
