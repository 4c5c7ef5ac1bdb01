/**
 * Where Zstandard frames end, without decompressing them (RFC 8878, section 3.1).
 *
 * Some readers take the first frame of a file and others all of them, so the frames are parted here
 * and each is read.
 *
 * @module
 */
import { Cursor, bytesSource } from '../byte-source.ts';
import { fault } from '../errors.ts';

export interface ZstdFrame {
  readonly start: number;
  readonly end: number;
  /** Holds no content: readers pass over it. */
  readonly skippable: boolean;
}

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
const DICTIONARY_BYTES = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];
const RUN_LENGTH = 1;
const RESERVED = 3;

/** The frames from the start on, as far as one follows the other. @throws {ScanError} in a frame */
export function zstdFrames(input: Uint8Array): readonly ZstdFrame[] {
  const cursor = new Cursor(bytesSource(input));
  const frames: ZstdFrame[] = [];
  while (cursor.remaining >= 4) {
    const start = cursor.offset;
    const magic = cursor.u32();
    const skippable = (magic & ~15) >>> 0 === SKIPPABLE;
    if (skippable) cursor.skip(cursor.u32());
    else if (magic === MAGIC) skipFrame(cursor);
    else return frames;
    frames.push({ start, end: cursor.offset, skippable });
  }
  return frames;
}

function skipFrame(cursor: Cursor): void {
  const descriptor = cursor.u8();
  const isSingle = (descriptor & 0x20) !== 0;
  const sizeBytes = CONTENT_SIZE_BYTES[descriptor >> 6] ?? 0;
  cursor.skip(isSingle ? 0 : 1);
  cursor.skip(DICTIONARY_BYTES[descriptor & 3] ?? 0);
  cursor.skip(isSingle && sizeBytes === 0 ? 1 : sizeBytes);
  for (let isLast = false; !isLast;) {
    const header = cursor.u16() + (cursor.u8() << 16);
    const type = (header >> 1) & 3;
    if (type === RESERVED) throw fault('SCAN_MALFORMED', 'a zstd block has no type', cursor.offset);
    cursor.skip(type === RUN_LENGTH ? 1 : header >> 3);
    isLast = (header & 1) !== 0;
  }
  if ((descriptor & 4) !== 0) cursor.skip(4);
}
