/**
 * Bytes that a decompressor writes, up to a bound, with access to what was written before.
 *
 * @module
 */
import { fault } from '../errors.ts';

const FIRST_BYTES = 64 * 1024;

export class OutputBuffer {
  readonly #maxBytes: number;
  #bytes: Uint8Array;
  length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#bytes = new Uint8Array(Math.min(FIRST_BYTES, maxBytes));
  }

  push(byte: number): void {
    if (this.length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.length] = byte;
    this.length += 1;
  }

  append(bytes: Uint8Array): void {
    if (this.length + bytes.length > this.#bytes.length) this.#grow(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Repeats `length` bytes from `distance` back; they may overlap what is written. */
  copy(distance: number, length: number): void {
    if (distance <= 0 || distance > this.length) {
      throw fault('SCAN_MALFORMED', 'the compressed stream refers to bytes before its start');
    }
    if (this.length + length > this.#bytes.length) this.#grow(length);
    for (let n = 0; n < length; n += 1) {
      this.#bytes[this.length] = this.#bytes[this.length - distance] ?? 0;
      this.length += 1;
    }
  }

  /** The byte `distance` back, or 0 at the start. */
  back(distance: number): number {
    return this.#bytes[this.length - distance] ?? 0;
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  #grow(more: number): void {
    const needed = this.length + more;
    if (needed > this.#maxBytes) {
      throw fault('SCAN_LIMIT', `it inflates to more than ${this.#maxBytes} bytes`);
    }
    const larger = new Uint8Array(Math.min(this.#maxBytes, Math.max(needed, this.length * 2)));
    larger.set(this.#bytes.subarray(0, this.length));
    this.#bytes = larger;
  }
}
