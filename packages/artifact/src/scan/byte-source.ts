/**
 * Random access to bytes that an attacker chose, and a bounds-checked reader over them.
 *
 * A source is synchronous and never interprets anything. `Cursor` reads forward through a window,
 * checks every length against the bytes that remain *before* it allocates, and throws `ScanError`
 * SCAN_TRUNCATED instead of returning short data.
 *
 * @module
 */
import { isAscii } from 'node:buffer';

import { fault } from './errors.ts';

/** `read` returns fewer bytes than asked only at the end. The result is not written to by anyone. */
export interface ByteSource {
  readonly sizeBytes: number;
  read(offset: number, length: number): Uint8Array;
  /**
   * As `read`, in memory that the next call overwrites: for whoever goes through all bytes once.
   * Absent where `read` takes no memory.
   */
  lend?(offset: number, length: number): Uint8Array;
}

const WINDOW_BYTES = 64 * 1024;
/** The most that one `take` may return: no format here has a legitimate longer single field. */
const MAX_TAKE_BYTES = 128 * 1024 * 1024;

/** A source over bytes in memory, not copied. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    read: (offset, length) => bytes.subarray(offset, Math.min(bytes.length, offset + length)),
  };
}

/** The part `[start, end)` of a source; a range outside it is cut to it. */
export function sliceSource(source: ByteSource, start: number, end: number): ByteSource {
  const from = Math.min(Math.max(0, start), source.sizeBytes);
  const sizeBytes = Math.max(0, Math.min(end, source.sizeBytes) - from);
  return {
    sizeBytes,
    read: (offset, length) => {
      if (offset >= sizeBytes) return new Uint8Array(0);
      return source.read(from + offset, Math.min(length, sizeBytes - offset));
    },
    lend: (offset, length) => {
      if (offset >= sizeBytes) return new Uint8Array(0);
      return lend(source, from + offset, Math.min(length, sizeBytes - offset));
    },
  };
}

/** Bytes that the next call may overwrite. */
export function lend(source: ByteSource, offset: number, length: number): Uint8Array {
  return source.lend === undefined ? source.read(offset, length) : source.lend(offset, length);
}

/** One character for each byte; a view, not a copy, is read. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** All bytes of a source. @throws {ScanError} SCAN_LIMIT when it is larger than `maxBytes` */
export function readAll(source: ByteSource, maxBytes: number): Uint8Array {
  if (source.sizeBytes > maxBytes) {
    throw fault('SCAN_LIMIT', `it has ${source.sizeBytes} bytes; at most ${maxBytes} are read`);
  }
  return source.read(0, source.sizeBytes);
}

const NOTHING = new Uint8Array(0);
const NEWLINE = 0x0a;

/** Reads forward. Offsets are absolute in the source. */
export class Cursor {
  readonly source: ByteSource;
  readonly end: number;
  offset: number;
  #window: Uint8Array = NOTHING;
  #view: DataView | null = null;
  #windowStart = 0;

  constructor(source: ByteSource, start = 0, end: number = source.sizeBytes) {
    this.source = source;
    this.offset = start;
    this.end = Math.min(end, source.sizeBytes);
  }

  get remaining(): number {
    return Math.max(0, this.end - this.offset);
  }

  u8(): number {
    // The window never reaches over the end: a byte in it is a byte that may be read.
    const byte = this.#window[this.offset - this.#windowStart];
    if (byte !== undefined) {
      this.offset += 1;
      return byte;
    }
    const at = this.#need(1);
    return this.#window[at] ?? 0;
  }

  u16(): number {
    const at = this.#need(2);
    return (this.#window[at] ?? 0) | ((this.#window[at + 1] ?? 0) << 8);
  }

  i32(): number {
    const at = this.#need(4);
    const bytes = this.#window;
    const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
    return low | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
  }

  u32(): number {
    return this.i32() >>> 0;
  }

  u64(): bigint {
    const at = this.#need(8);
    return this.#numbers().getBigUint64(at, true);
  }

  i64(): bigint {
    const at = this.#need(8);
    return this.#numbers().getBigInt64(at, true);
  }

  f64(): number {
    const at = this.#need(8);
    return this.#numbers().getFloat64(at, true);
  }

  /** A u64 that must be a length or offset: anything above 2^53-1 is refused as malformed. */
  size64(): number {
    const start = this.offset;
    const value = this.u64();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw fault('SCAN_MALFORMED', `a length of ${value} cannot be met`, start);
    }
    return Number(value);
  }

  /** The next byte without consuming it, or -1 at the end. */
  peek(): number {
    if (this.remaining === 0) return -1;
    const value = this.u8();
    this.offset -= 1;
    return value;
  }

  /** `length` bytes. Not a copy where the source keeps its bytes in memory. */
  take(length: number): Uint8Array {
    this.check(length);
    if (length > MAX_TAKE_BYTES) {
      throw fault('SCAN_LIMIT', `a field of ${length} bytes is too long to read`, this.offset);
    }
    const at = this.offset - this.#windowStart;
    if (at >= 0 && at + length <= this.#window.length) {
      this.offset += length;
      return this.#window.subarray(at, at + length);
    }
    const bytes = this.source.read(this.offset, length);
    if (bytes.length !== length) throw truncated(length, bytes.length, this.offset);
    this.offset += length;
    return bytes;
  }

  /** Whether the next `length` bytes, which must be there, are all below 0x80. Consumes nothing. */
  isAscii(length: number): boolean {
    this.check(length);
    let at = this.offset - this.#windowStart;
    if (at < 0 || at + length > this.#window.length) {
      return isAscii(this.source.read(this.offset, length));
    }
    for (const end = at + length; at < end; at += 1) {
      if ((this.#window[at] ?? 0) >= 0x80) return false;
    }
    return true;
  }

  skip(length: number): void {
    this.check(length);
    this.offset += length;
  }

  /** Checks a claimed length against the bytes that remain; nothing is allocated before this. */
  check(length: number): void {
    if (length < 0) throw fault('SCAN_MALFORMED', 'a length is negative', this.offset);
    if (length > this.remaining) throw truncated(length, this.remaining, this.offset);
  }

  /** Bytes up to and without the next `\n`, which is consumed. */
  line(maxBytes: number): Uint8Array {
    const start = this.offset;
    for (let length = 0; length <= maxBytes; length += 1) {
      if (this.remaining === 0) throw fault('SCAN_TRUNCATED', 'a line does not end', start);
      if (this.u8() !== NEWLINE) continue;
      const at = start - this.#windowStart;
      return at >= 0 ? this.#window.subarray(at, at + length) : this.source.read(start, length);
    }
    throw fault('SCAN_LIMIT', `a line is longer than ${maxBytes} bytes`, start);
  }

  #need(length: number): number {
    if (this.remaining < length) throw truncated(length, this.remaining, this.offset);
    let at = this.offset - this.#windowStart;
    if (at < 0 || at + length > this.#window.length) {
      this.#window = this.source.read(this.offset, Math.min(WINDOW_BYTES, this.remaining));
      this.#windowStart = this.offset;
      this.#view = null;
      if (this.#window.length < length) throw truncated(length, this.#window.length, this.offset);
      at = 0;
    }
    this.offset += length;
    return at;
  }

  #numbers(): DataView {
    const { buffer, byteOffset, byteLength } = this.#window;
    this.#view ??= new DataView(buffer, byteOffset, byteLength);
    return this.#view;
  }
}

/** A cursor over integers that have their highest byte first. */
export class SwappedCursor extends Cursor {
  override u16(): number {
    return (this.u8() << 8) | this.u8();
  }

  override i32(): number {
    return (this.u16() << 16) | this.u16();
  }

  override u64(): bigint {
    return (BigInt(this.u32()) << 32n) | BigInt(this.u32());
  }

  override i64(): bigint {
    return BigInt.asIntN(64, this.u64());
  }

  override f64(): number {
    const bytes = new DataView(new ArrayBuffer(8));
    bytes.setBigUint64(0, this.u64());
    return bytes.getFloat64(0);
  }
}

function truncated(wanted: number, left: number, offset: number): Error {
  return fault('SCAN_TRUNCATED', `${wanted} bytes are claimed and ${left} remain`, offset);
}
