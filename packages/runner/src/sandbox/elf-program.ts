/**
 * A static ELF64 program out of machine code that was assembled here.
 *
 * Two segments: code (read, execute) with the code right after the headers, and zeroed memory (read,
 * write). No compiler, no library, no binary in the repository.
 *
 * @module
 */
import type { Architecture } from './seccomp.ts';

/** Where a program's code segment begins; the code itself follows the headers. */
const IMAGE_ADDRESS = 0x400000n;
const HEADER_BYTES = 64 + 2 * 56;
const MACHINES: Readonly<Record<Architecture, number>> = { x64: 62, arm64: 183 };

/** Address of the first byte of `code`. */
export const CODE_ADDRESS: bigint = IMAGE_ADDRESS + BigInt(HEADER_BYTES);
/** Address of `memoryBytes` zeroed bytes. */
export const DATA_ADDRESS = 0x600000n;

/** The bytes of the program file; execution begins at the first byte of `code`. */
export function elfProgram(
  architecture: Architecture,
  code: Uint8Array,
  memoryBytes: number,
): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.write('7f454c46020101', 0, 'hex');
  bytes.writeUInt16LE(2, 16);
  bytes.writeUInt16LE(MACHINES[architecture], 18);
  bytes.writeUInt32LE(1, 20);
  bytes.writeBigUInt64LE(CODE_ADDRESS, 24);
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(64, 52);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(2, 56);
  const textBytes = HEADER_BYTES + code.length;
  segment(bytes.subarray(64), {
    flags: 5,
    address: IMAGE_ADDRESS,
    fileBytes: textBytes,
    memoryBytes: textBytes,
  });
  segment(bytes.subarray(120), { flags: 6, address: DATA_ADDRESS, fileBytes: 0, memoryBytes });
  return new Uint8Array(Buffer.concat([bytes, code]));
}

interface Segment {
  readonly flags: number;
  readonly address: bigint;
  readonly fileBytes: number;
  readonly memoryBytes: number;
}

function segment(bytes: Buffer, { flags, address, fileBytes, memoryBytes }: Segment): void {
  bytes.writeUInt32LE(1, 0);
  bytes.writeUInt32LE(flags, 4);
  bytes.writeBigUInt64LE(0n, 8);
  bytes.writeBigUInt64LE(address, 16);
  bytes.writeBigUInt64LE(address, 24);
  bytes.writeBigUInt64LE(BigInt(fileBytes), 32);
  bytes.writeBigUInt64LE(BigInt(memoryBytes), 40);
  bytes.writeBigUInt64LE(0x1000n, 48);
}
