/**
 * Reads the few facts of an ELF64 file that decide what a sandbox must show: its loader and the
 * libraries it names.
 *
 * The file is attacker-controlled where an external server binary is; every offset is bounded, and
 * nothing is executed (unlike `ldd`, which runs the loader of the file it inspects). Little endian
 * only. Spec: System V ABI, chapters 4 and 5 (program header, dynamic section).
 *
 * @module
 */
import { excerpt } from '@proofmark/core';

import { RunnerError } from '../errors.ts';

/** Random access to a file; returns fewer bytes only at the end. */
export type ReadAt = (offset: number, length: number) => Uint8Array;

export interface ElfFacts {
  /** PT_INTERP, null for a static file or a library. */
  readonly interpreter: string | null;
  /** DT_NEEDED, in order. */
  readonly needed: readonly string[];
  /** DT_RUNPATH and DT_RPATH entries as written, `$ORIGIN` not expanded. */
  readonly runPaths: readonly string[];
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly bytes: number;
}

const MAX_SEGMENTS = 128;
const MAX_DYNAMIC_BYTES = 1 << 20;
const MAX_STRINGS_BYTES = 64 << 20;
const LOAD = 1;
const DYNAMIC = 2;
const INTERPRETER = 3;
const NEEDED = 1;
const STRING_TABLE = 5;
const STRING_TABLE_BYTES = 10;
const RPATH = 15;
const RUNPATH = 29;

/** @throws {RunnerError} RUNNER_BINARY_UNSUPPORTED */
export function readElf(readAt: ReadAt, name: string): ElfFacts {
  const source = { readAt, name };
  const segments = readSegments(source);
  const interpreter = segments.find((segment) => segment.type === INTERPRETER);
  const dynamic = segments.find((segment) => segment.type === DYNAMIC);
  const entries = dynamic === undefined ? [] : readDynamic(source, dynamic);
  const strings = entries.length === 0 ? Buffer.alloc(0) : readStrings(source, segments, entries);
  const texts = (...tags: number[]): string[] =>
    entries.filter(([tag]) => tags.includes(tag)).map(([, at]) => text(source, strings, at));
  return {
    interpreter: interpreter === undefined ? null : readInterpreter(source, interpreter),
    needed: texts(NEEDED),
    runPaths: texts(RPATH, RUNPATH).flatMap((paths) => paths.split(':')),
  };
}

interface Source {
  readonly readAt: ReadAt;
  readonly name: string;
}

function readSegments(source: Source): Segment[] {
  const head = exactly(source, 0, 64);
  if (head.readUInt32BE(0) !== 0x7f454c46) throw refuse(source, 'it is not an ELF file');
  if (head[4] !== 2 || head[5] !== 1) throw refuse(source, 'it is not 64-bit little endian');
  const tableAt = whole(source, head.readBigUInt64LE(32));
  const count = head.readUInt16LE(56);
  if (head.readUInt16LE(54) !== 56 || count > MAX_SEGMENTS) {
    throw refuse(source, 'its program header table has an unexpected size');
  }
  const table = exactly(source, tableAt, count * 56);
  return Array.from({ length: count }, (_, i) => ({
    type: table.readUInt32LE(i * 56),
    offset: whole(source, table.readBigUInt64LE(i * 56 + 8)),
    address: whole(source, table.readBigUInt64LE(i * 56 + 16)),
    bytes: whole(source, table.readBigUInt64LE(i * 56 + 32)),
  }));
}

function readDynamic(source: Source, segment: Segment): (readonly [number, number])[] {
  if (segment.bytes > MAX_DYNAMIC_BYTES) throw refuse(source, 'its dynamic section is too large');
  const bytes = exactly(source, segment.offset, segment.bytes);
  const entries: (readonly [number, number])[] = [];
  for (let at = 0; at + 16 <= bytes.length; at += 16) {
    const tag = bytes.readBigInt64LE(at);
    if (tag === 0n) break;
    if (tag > 0n && tag < 64n) {
      entries.push([Number(tag), whole(source, bytes.readBigUInt64LE(at + 8))]);
    }
  }
  return entries;
}

/** The string table is named by address; the loaded segment that holds it gives its offset. */
function readStrings(
  source: Source,
  segments: readonly Segment[],
  entries: readonly (readonly [number, number])[],
): Buffer {
  const find = (wanted: number): number | undefined => entries.find(([tag]) => tag === wanted)?.[1];
  const address = find(STRING_TABLE);
  const bytes = find(STRING_TABLE_BYTES);
  if (address === undefined || bytes === undefined) return Buffer.alloc(0);
  if (bytes > MAX_STRINGS_BYTES) throw refuse(source, 'its string table is too large');
  const home = segments.find(
    (s) => s.type === LOAD && address >= s.address && address < s.address + s.bytes,
  );
  if (home === undefined) throw refuse(source, 'its string table lies in no loaded segment');
  return exactly(source, home.offset + (address - home.address), bytes);
}

function readInterpreter(source: Source, segment: Segment): string {
  if (segment.bytes > 4096) throw refuse(source, 'its interpreter path is too long');
  return text(source, exactly(source, segment.offset, segment.bytes), 0);
}

function text(source: Source, bytes: Buffer, at: number): string {
  const end = bytes.indexOf(0, at);
  if (at >= bytes.length || end === -1) throw refuse(source, 'a name runs past its table');
  return bytes.toString('utf8', at, end);
}

function exactly(source: Source, offset: number, length: number): Buffer {
  const bytes = source.readAt(offset, length);
  if (bytes.length !== length) throw refuse(source, 'it is shorter than its headers say');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function whole(source: Source, value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw refuse(source, 'an offset is out of range');
  return Number(value);
}

function refuse(source: Source, why: string): RunnerError {
  return new RunnerError(
    'RUNNER_BINARY_UNSUPPORTED',
    `cannot prepare "${excerpt(source.name)}" for the sandbox: ${why}`,
  );
}
