/**
 * Builds a tiny static ELF program that makes listed system calls and writes their raw results.
 *
 * Why: Node cannot call `socket(AF_VSOCK)` or `keyctl`, yet the self-test must show that the filter
 * refuses them on this kernel, and tests must show that the same program succeeds outside. A program
 * assembled here needs no compiler and no binary in the repository.
 *
 * The program stores each result as a signed 64-bit little-endian integer (negative = -errno),
 * writes all of them to standard output in one write, and exits with 0. Calls that would end or
 * block the program must not be listed. The arm64 form is assembled by the same rules and has not
 * run on hardware here.
 *
 * @module
 */
import { DATA_ADDRESS, elfProgram } from './elf-program.ts';
import type { Architecture } from './seccomp.ts';

/** `'scratch'` is the address of 4 KiB of zeroed memory. */
export type ProbeArgument = number | bigint | 'scratch';

export interface ProbeCall {
  readonly number: number;
  /** At most six. */
  readonly args: readonly ProbeArgument[];
}

const SCRATCH_ADDRESS = DATA_ADDRESS + 0x1000n;
const DATA_BYTES = 0x2000;
const WRITE: Readonly<Record<Architecture, number>> = { x64: 1, arm64: 64 };
const EXIT_GROUP: Readonly<Record<Architecture, number>> = { x64: 231, arm64: 94 };

/** The program's bytes. `calls.length * 8` bytes appear on its standard output. */
export function buildProbe(architecture: Architecture, calls: readonly ProbeCall[]): Uint8Array {
  const emit = architecture === 'x64' ? emitX64 : emitArm64;
  const code = Buffer.concat([
    ...calls.map((call, i) => emit(call, DATA_ADDRESS + BigInt(i * 8))),
    emit({ number: WRITE[architecture], args: [1, DATA_ADDRESS, calls.length * 8] }, null),
    emit({ number: EXIT_GROUP[architecture], args: [0] }, null),
  ]);
  return elfProgram(architecture, code, DATA_BYTES);
}

/** Reads what the program wrote: one result per call. */
export function readProbeResults(output: Uint8Array): readonly number[] {
  const view = Buffer.from(output.buffer, output.byteOffset, output.byteLength);
  const results: number[] = [];
  for (let at = 0; at + 8 <= view.length; at += 8) results.push(Number(view.readBigInt64LE(at)));
  return results;
}

function argumentValue(argument: ProbeArgument): bigint {
  return BigInt.asUintN(64, argument === 'scratch' ? SCRATCH_ADDRESS : BigInt(argument));
}

/** mov rax, nr; mov each argument register; syscall; then mov rbx, address; mov [rbx], rax. */
function emitX64(call: ProbeCall, resultAddress: bigint | null): Buffer {
  const registers = ['48bf', '48be', '48ba', '49ba', '49b8', '49b9'];
  const parts = [movX64('48b8', BigInt(call.number))];
  registers.forEach((opcode, i) => {
    parts.push(movX64(opcode, argumentValue(call.args[i] ?? 0)));
  });
  parts.push(Buffer.from('0f05', 'hex'));
  if (resultAddress !== null) {
    parts.push(movX64('48bb', resultAddress), Buffer.from('488903', 'hex'));
  }
  return Buffer.concat(parts);
}

function movX64(opcode: string, value: bigint): Buffer {
  const immediate = Buffer.alloc(8);
  immediate.writeBigUInt64LE(value);
  return Buffer.concat([Buffer.from(opcode, 'hex'), immediate]);
}

/** movz and movk into x8 and x0..x5; svc #0; then the address into x9; str x0, [x9]. */
function emitArm64(call: ProbeCall, resultAddress: bigint | null): Buffer {
  const words = [...movArm64(8, BigInt(call.number))];
  for (let register = 0; register < 6; register += 1) {
    words.push(...movArm64(register, argumentValue(call.args[register] ?? 0)));
  }
  words.push(0xd4000001);
  if (resultAddress !== null) words.push(...movArm64(9, resultAddress), 0xf9000120);
  const bytes = Buffer.alloc(words.length * 4);
  words.forEach((word, i) => bytes.writeUInt32LE(word, i * 4));
  return bytes;
}

function movArm64(register: number, value: bigint): number[] {
  return [0, 1, 2, 3].map((half) => {
    const immediate = Number((value >> BigInt(half * 16)) & 0xffffn);
    const base = half === 0 ? 0xd2800000 : 0xf2800000;
    return (base + half * 0x200000 + immediate * 32 + register) >>> 0;
  });
}
