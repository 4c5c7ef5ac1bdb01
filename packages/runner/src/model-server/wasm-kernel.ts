/**
 * The arithmetic kernel of the engine: rows of weights times columns of tokens, in WebAssembly SIMD,
 * assembled here. Beside it in the module: powers of e (wasm-exponential.ts).
 *
 * Promises: `out[t][r] = sum over i of weights[r][i] * x[t][i]`, each sum made of four partial sums
 * in one fixed order. A token's result is therefore the same to the bit whether it was computed
 * alone or in a block, and on every machine: no fused multiply-add, no relaxed SIMD.
 * Does not check bounds beyond those of the memory: who calls it owns the layout (arena.ts).
 *
 * Tiles of rows by tokens keep their sums in registers. Eight sums (four rows by two tokens, or eight
 * rows of a lone token) hide the latency of an addition and fit, with their operands, into the sixteen
 * vector registers of x86-64.
 *
 * @module
 */
import { assemble, op, sequence } from './wasm-assembler.ts';
import type { Code, WasmFunction } from './wasm-assembler.ts';
import { exponential } from './wasm-exponential.ts';

/** Addresses and strides are in bytes; four columns are taken at a time. */
type Product = readonly [
  weights: number,
  weightStride: number,
  x: number,
  xStride: number,
  out: number,
  outStride: number,
  rows: number,
  tokens: number,
  /** A positive multiple of 16. */
  columnBytes: number,
];

export interface Kernel {
  readonly multiply: (...product: Product) => void;
  /** Replaces floats by their powers of e; `bytes` is a positive multiple of 16. */
  readonly exponentiate: (at: number, bytes: number) => void;
}

/** What is used of the global of that name. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Memory: new (limits: { initial: number; maximum: number }) => KernelMemory;
  readonly Instance: new (
    module: object,
    imports: { env: { memory: KernelMemory } },
  ) => { readonly exports: Readonly<Record<string, unknown>> };
};

export interface KernelMemory {
  readonly buffer: ArrayBuffer;
  /** Adds pages; `buffer` is another object afterwards. Throws RangeError when there are none. */
  grow(pages: number): number;
}

export const PAGE_BYTES = 65_536;
const FLOAT_BYTES = 4;
const VECTOR_BYTES = 16;
const ROWS = 4;
const TOKENS = 2;
/** Rows of a tile where there is one token only. */
const LONE_ROWS = 8;

export function createMemory(maximumPages: number): KernelMemory {
  return new WebAssembly.Memory({ initial: 1, maximum: maximumPages });
}

export function createKernel(memory: KernelMemory): Kernel {
  const exports = instantiate(kernelBytes(), memory);
  return {
    multiply: exports['multiply'] as Kernel['multiply'],
    exponentiate: exports['exponentiate'] as Kernel['exponentiate'],
  };
}

/** Compiles a module that `assemble` made; its memory is `memory`. */
export function instantiate(
  bytes: Uint8Array<ArrayBuffer>,
  memory: KernelMemory,
): Readonly<Record<string, unknown>> {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports;
}

/** Indices of the functions in the module, in the order of `kernelBytes`. */
const TILES = { wide: 0, tall: 1, row: 2, single: 3, lone: 4 } as const;
const ROW_STRIP = 5;
const MULTIPLY = 6;
const EXPONENTIATE = 7;

export function kernelBytes(): Uint8Array<ArrayBuffer> {
  return assemble({
    minimumPages: 1,
    functions: [
      tile(ROWS, TOKENS),
      tile(ROWS, 1),
      tile(1, TOKENS),
      tile(1, 1),
      tile(LONE_ROWS, 1),
      strip(),
      multiply(),
      exponential(),
    ],
    exported: [
      { name: 'multiply', index: MULTIPLY },
      { name: 'exponentiate', index: EXPONENTIATE },
    ],
  });
}

/** Parameters of a tile, the first as in `Product`; `bytes` is the length of a row that is read. */
const T = {
  weights: 0,
  weightStride: 1,
  x: 2,
  xStride: 3,
  out: 4,
  outStride: 5,
  bytes: 6,
} as const;
const TILE_PARAMETERS = 7;

/** One tile: `rows` times `tokens` sums over all columns. */
function tile(rows: number, tokens: number): WasmFunction {
  const row = (r: number): number => TILE_PARAMETERS + r;
  const token = (t: number): number => TILE_PARAMETERS + rows + t;
  const integers = rows + tokens + 1;
  const end = TILE_PARAMETERS + integers - 1;
  const weight = TILE_PARAMETERS + integers;
  const operand = (t: number): number => weight + 1 + t;
  const sum = (r: number, t: number): number => weight + 1 + tokens + r * tokens + t;

  const multiplyRow = (r: number): Code[] => [
    op.localGet(row(r)),
    op.v128Load(0),
    op.localSet(weight),
    ...span(tokens).flatMap((t) => [
      op.localGet(sum(r, t)),
      op.localGet(weight),
      op.localGet(operand(t)),
      op.f32x4Multiply,
      op.f32x4Add,
      op.localSet(sum(r, t)),
    ]),
    advance(row(r), VECTOR_BYTES),
  ];
  const body = [
    ...pointers(T.weights, T.weightStride, span(rows).map(row)),
    ...pointers(T.x, T.xStride, span(tokens).map(token)),
    sequence(op.localGet(row(0)), op.localGet(T.bytes), op.i32Add, op.localSet(end)),
    op.loop(
      ...span(tokens).flatMap((t) => [
        op.localGet(token(t)),
        op.v128Load(0),
        op.localSet(operand(t)),
        advance(token(t), VECTOR_BYTES),
      ]),
      ...span(rows).flatMap(multiplyRow),
      op.localGet(row(0)),
      op.localGet(end),
      op.i32LessUnsigned,
      op.branchIf(0),
    ),
    ...span(tokens).flatMap((t) => [
      ...span(rows).flatMap((r) => [
        op.localGet(T.out),
        ...sumOfLanes(sum(r, t)),
        op.f32Store(r * FLOAT_BYTES),
      ]),
      move(T.out, T.outStride),
    ]),
  ];
  return {
    parameters: TILE_PARAMETERS,
    integers,
    vectors: 1 + tokens + rows * tokens,
    body: body.flat(),
  };
}

/** Points `locals` at successive rows: `base`, `base + stride`, and so on. */
function pointers(base: number, stride: number, locals: readonly number[]): Code[] {
  return locals.map((local, i) => {
    const from = locals[i - 1];
    if (from === undefined) return sequence(op.localGet(base), op.localSet(local));
    return sequence(op.localGet(from), op.localGet(stride), op.i32Add, op.localSet(local));
  });
}

/** `(lane 0 + lane 1) + (lane 2 + lane 3)`. */
function sumOfLanes(vector: number): Code[] {
  const lane = (n: number): Code => sequence(op.localGet(vector), op.f32x4ExtractLane(n));
  return [lane(0), lane(1), op.f32Add, lane(2), lane(3), op.f32Add, op.f32Add];
}

/** Parameters of a strip: those of a tile, how many tokens, and 1 for four rows or 0 for one. */
const STRIP_TOKENS = 7;
const STRIP_TALL = 8;

/** Four rows or one, for all tokens: by twos, then the last. */
function strip(): WasmFunction {
  const tileArguments = span(TILE_PARAMETERS).map((i) => op.localGet(i));
  const choose = (four: number, one: number): Code =>
    op.block(
      op.block(
        sequence(op.localGet(STRIP_TALL), op.branchIf(0)),
        sequence(...tileArguments, op.call(one), op.branch(1)),
      ),
      sequence(...tileArguments, op.call(four)),
    );
  const step = (tokens: number, four: number, one: number): Code =>
    whileAtLeast(STRIP_TOKENS, tokens, [
      choose(four, one),
      ...span(tokens).flatMap(() => [move(T.x, T.xStride), move(T.out, T.outStride)]),
    ]);
  return {
    parameters: TILE_PARAMETERS + 2,
    integers: 0,
    vectors: 0,
    body: [...step(TOKENS, TILES.wide, TILES.row), ...step(1, TILES.tall, TILES.single)],
  };
}

/** Parameters of `multiply`, in the order of `Product`. */
const M = { rows: 6, tokens: 7, bytes: 8 } as const;

/** All rows for all tokens: by fours, then one at a time. A strip of weights stays in the cache. */
function multiply(): WasmFunction {
  const places = [0, 1, 2, 3, 4, 5].map((i) => op.localGet(i));
  const below = (rows: number): Code =>
    sequence(
      ...span(rows).map(() => move(T.weights, T.weightStride)),
      advance(T.out, rows * FLOAT_BYTES),
    );
  const step = (rows: number, tall: number): Code =>
    whileAtLeast(M.rows, rows, [
      ...places,
      sequence(op.localGet(M.bytes), op.localGet(M.tokens), op.i32Const(tall)),
      op.call(ROW_STRIP),
      below(rows),
    ]);
  const loneToken = op.block(
    sequence(op.localGet(M.tokens), op.i32Const(1), op.i32NotEqual, op.branchIf(0)),
    whileAtLeast(M.rows, LONE_ROWS, [
      ...places,
      sequence(op.localGet(M.bytes), op.call(TILES.lone)),
      below(LONE_ROWS),
    ]),
  );
  return {
    parameters: 9,
    integers: 0,
    vectors: 0,
    body: sequence(loneToken, step(ROWS, 1), step(1, 0)),
  };
}

/** `while (local >= size) { body; local -= size }` */
function whileAtLeast(local: number, size: number, body: readonly Code[]): Code {
  return op.block(
    op.loop(
      sequence(op.i32Const(size), op.localGet(local), op.i32GreaterUnsigned, op.branchIf(1)),
      ...body,
      sequence(op.localGet(local), op.i32Const(size), op.i32Subtract, op.localSet(local)),
      op.branch(0),
    ),
  );
}

/** `local += bytes` */
function advance(local: number, bytes: number): Code {
  return sequence(op.localGet(local), op.i32Const(bytes), op.i32Add, op.localSet(local));
}

/** `local += stride` */
function move(local: number, stride: number): Code {
  return sequence(op.localGet(local), op.localGet(stride), op.i32Add, op.localSet(local));
}

function span(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
