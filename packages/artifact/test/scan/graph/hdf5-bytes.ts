/**
 * Writes small HDF5 files for tests: superblock 2 and one root group with object header 2.
 *
 * Checksums are left zero: the reader, like the scan, does not rely on them.
 *
 * @module
 */
import { bytes, u16, u32, u64 } from '../pickle-bytes.ts';

const UNDEFINED = (1n << 64n) - 1n;

export interface Message {
  readonly type: number;
  readonly data: Uint8Array;
}

/** A file whose root group has these messages. */
export function hdf5(messages: readonly Message[], tail: Uint8Array = new Uint8Array(0)): Buffer {
  const body = Buffer.concat(
    messages.map(({ type, data }) => bytes(type, u16(data.length), 0, data)),
  );
  const header = bytes('OHDR', 2, 2, u32(body.length), body, u32(0));
  const size = 48 + header.length + tail.length;
  const superblock = bytes(
    '\u0089HDF\r\n\u001a\n',
    2,
    8,
    8,
    0,
    u64(0),
    u64(UNDEFINED),
    u64(size),
    u64(48),
    u32(0),
  );
  return bytes(superblock, header, tail);
}

/** An attribute with fixed-length text. */
export function attribute(name: string, value: string): Message {
  const label = bytes(name, '\0');
  const type = bytes(0x13, 0, 0, 0, u32(Buffer.byteLength(value)));
  const space = bytes(2, 0, 0, 0);
  return {
    type: 0x0c,
    data: bytes(
      3,
      0,
      u16(label.length),
      u16(type.length),
      u16(space.length),
      0,
      label,
      type,
      space,
      Buffer.from(value),
    ),
  };
}

/** A link of a type, with what its type needs. */
export function link(name: string, type: number, info: Uint8Array): Message {
  return { type: 0x06, data: bytes(1, 0x08, type, name.length, name, info) };
}

export function externalLink(name: string, file: string): Message {
  const info = bytes(0, file, '\0/x\0');
  return link(name, 64, bytes(u16(info.length), info));
}

export function address(offset: number | bigint): Buffer {
  return u64(offset);
}
