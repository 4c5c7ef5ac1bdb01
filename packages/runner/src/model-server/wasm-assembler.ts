/**
 * Assembles a WebAssembly module from named instructions: as much of the format as the kernel needs.
 *
 * Promises: the bytes of the binary format of the WebAssembly Core Specification 2.0; section
 * numbers below are its. It checks nothing, since the engine that compiles the module validates all
 * of it (section 3). Every value is an i32 or a v128 of four f32 (section 5.4.8, SIMD). The relaxed
 * instructions, whose results differ between machines, are left out on purpose.
 *
 * @module
 */

/** Encoded instructions. */
export type Code = readonly number[];

/** A function of i32 parameters without a result. Locals are numbered after the parameters. */
export interface WasmFunction {
  readonly parameters: number;
  readonly integers: number;
  readonly vectors: number;
  readonly body: Code;
}

/** A module that imports one memory as `env.memory`. Functions are numbered from 0. */
export interface WasmModule {
  readonly minimumPages: number;
  readonly functions: readonly WasmFunction[];
  readonly exported: readonly { readonly name: string; readonly index: number }[];
}

/** Section 5.5.16. */
const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00] as const;
/** Value types, section 5.3. */
const I32 = 0x7f;
const V128 = 0x7b;
const NO_RESULT = 0x40;

/** Unsigned LEB128, section 5.2.2. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}

/** Signed LEB128, section 5.2.2. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  while (rest < -0x40 || rest >= 0x40) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  return [...bytes, rest & 0x7f];
}

const simd = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];
/** `memarg`, section 5.4.6: alignment as a power of two (4 bytes, all that is promised), offset. */
const memory = (offset: number): number[] => [2, ...unsigned(offset)];

function fourFloats(value: number): number[] {
  const lanes = new DataView(new ArrayBuffer(16));
  for (let at = 0; at < 16; at += 4) lanes.setFloat32(at, value, true);
  return Array.from(new Uint8Array(lanes.buffer));
}

/** Instructions by their name in the text format, sections 5.4.1 to 5.4.8. */
export const op = {
  /** Runs `body` once; a branch to it leaves it. */
  block: (...body: readonly Code[]): Code => [0x02, NO_RESULT, ...body.flat(), 0x0b],
  /** Runs `body` once; a branch to it starts it again. */
  loop: (...body: readonly Code[]): Code => [0x03, NO_RESULT, ...body.flat(), 0x0b],
  branch: (depth: number): Code => [0x0c, ...unsigned(depth)],
  branchIf: (depth: number): Code => [0x0d, ...unsigned(depth)],
  call: (index: number): Code => [0x10, ...unsigned(index)],
  localGet: (index: number): Code => [0x20, ...unsigned(index)],
  localSet: (index: number): Code => [0x21, ...unsigned(index)],
  f32Store: (offset: number): Code => [0x38, ...memory(offset)],
  i32Const: (value: number): Code => [0x41, ...signed(value)],
  i32NotEqual: [0x47] as Code,
  i32LessUnsigned: [0x49] as Code,
  i32GreaterUnsigned: [0x4b] as Code,
  i32Add: [0x6a] as Code,
  i32Subtract: [0x6b] as Code,
  f32Add: [0x92] as Code,
  v128Load: (offset: number): Code => [...simd(0x00), ...memory(offset)],
  v128Store: (offset: number): Code => [...simd(0x0b), ...memory(offset)],
  /** `v128.const` with the same float in every lane. */
  f32x4Const: (value: number): Code => [...simd(0x0c), ...fourFloats(value)],
  f32x4ExtractLane: (lane: number): Code => [...simd(0x1f), lane],
  f32x4Nearest: simd(0x6a) as Code,
  i32x4ShiftLeft: simd(0xab) as Code,
  f32x4Add: simd(0xe4) as Code,
  f32x4Subtract: simd(0xe5) as Code,
  f32x4Multiply: simd(0xe6) as Code,
  f32x4Min: simd(0xe8) as Code,
  f32x4Max: simd(0xe9) as Code,
  /** `i32x4.trunc_sat_f32x4_s`: NaN becomes 0. */
  i32x4Truncate: simd(0xf8) as Code,
} as const;

/** Instructions one after the other. */
export function sequence(...codes: readonly Code[]): Code {
  return codes.flat();
}

/** Bytes of the module, section 5.5. */
export function assemble(module: WasmModule): Uint8Array<ArrayBuffer> {
  const { functions, exported } = module;
  return Uint8Array.from([
    ...MAGIC_AND_VERSION,
    ...section(1, list(functions.map(functionType))),
    ...section(
      2,
      list([[...name('env'), ...name('memory'), 0x02, 0x00, ...unsigned(module.minimumPages)]]),
    ),
    ...section(3, list(functions.map((_, index) => unsigned(index)))),
    ...section(7, list(exported.map((e) => [...name(e.name), 0x00, ...unsigned(e.index)]))),
    ...section(10, list(functions.map(functionBody))),
  ]);
}

function functionType({ parameters }: WasmFunction): Code {
  return [0x60, ...list(Array.from({ length: parameters }, () => [I32])), ...list([])];
}

/** `code`, section 5.5.13: its size, its locals in runs of one type, its body and `end`. */
function functionBody({ integers, vectors, body }: WasmFunction): Code {
  const locals = list([
    [...unsigned(integers), I32],
    [...unsigned(vectors), V128],
  ]);
  const code = [...locals, ...body, 0x0b];
  return [...unsigned(code.length), ...code];
}

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content];
}

function list(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}

function name(text: string): Code {
  const bytes = new TextEncoder().encode(text);
  return [...unsigned(bytes.length), ...bytes];
}
