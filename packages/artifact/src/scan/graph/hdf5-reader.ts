/**
 * The structure of an HDF5 file: groups, links, attributes, storage of data sets.
 *
 * A subset of HDF5 File Format Specification 4.0: superblocks 0 to 3, object headers 1 and 2,
 * symbol-table, compact and dense groups, fixed and variable-length text. What is not in the
 * subset is told to the visitor as unread. Data are never read. Every address is checked against
 * the file, every object is visited once, and steps are spent.
 *
 * @module
 */
import { Cursor, latin1 } from '../byte-source.ts';
import { fault } from '../errors.ts';
import type { Inspection } from '../inspection.ts';
import { readAttribute } from './hdf5-attribute.ts';
import { denseObjects } from './hdf5-dense.ts';

/** What a reader learns, in the order it is met. */
export interface Hdf5Visitor {
  attribute(path: string, name: string, text: string | null, offset: number): void;
  externalLink(path: string, file: string, offset: number): void;
  externalStorage(path: string, offset: number): void;
  /** A structure that is legal and not read. */
  unread(path: string, what: string, offset: number): void;
}

interface Header {
  readonly type: number;
  readonly flags: number;
  readonly start: number;
  readonly end: number;
}

interface Block {
  readonly start: number;
  readonly end: number;
}

const SIGNATURE = '\u0089HDF\r\n\u001a\n';
const MAX_OBJECTS = 100_000;
const MAX_DEPTH = 64;
const MAX_BLOCKS = 1000;
/** The message stands elsewhere, in a heap that several objects share. */
const SHARED = 0x02;
/** The newest version of data layouts that is known; 5 (HDF5 2.0) differs in its chunks alone. */
const LAYOUT_VERSION = 5;
/** The first version whose class stands behind it and may be virtual. */
const VIRTUAL_VERSION = 4;
/** Layout class of a data set that is assembled from data sets of other files. */
const VIRTUAL = 3;
const UNDEFINED = 0xffff_ffff_ffff_ffffn;

/** Offset of the superblock: 0, or a power of two from 512. Null when there is none. */
export function findSuperblock(
  read: (offset: number, length: number) => Uint8Array,
): number | null {
  for (let at = 0; at <= 1 << 20; at = at === 0 ? 512 : at * 2) {
    const head = read(at, 8);
    if (head.length < 8) return null;
    if (head[0] === SIGNATURE.charCodeAt(0) && latin1(head) === SIGNATURE) return at;
  }
  return null;
}

export class Hdf5Reader {
  readonly #inspection: Inspection;
  readonly #visitor: Hdf5Visitor;
  readonly #visited = new Set<number>();
  #base = 0;
  #heap: { readonly start: number; readonly end: number } | null = null;

  constructor(inspection: Inspection, visitor: Hdf5Visitor) {
    this.#inspection = inspection;
    this.#visitor = visitor;
  }

  /** Visits everything that the root group reaches. @throws {ScanError} */
  read(superblock: number): void {
    const cursor = this.#cursor(superblock + 8);
    this.#base = superblock;
    const version = cursor.u8();
    if (version > 3) throw fault('SCAN_UNSUPPORTED', `superblock version ${version}`, superblock);
    if (version >= 2) {
      this.#sizes(cursor.u8(), cursor.u8(), superblock);
      cursor.skip(1 + 16);
      this.#checkEnd(cursor.u64());
      return this.#object(this.#address(cursor), '', 0);
    }
    cursor.skip(4);
    this.#sizes(cursor.u8(), cursor.u8(), superblock);
    cursor.skip(1 + 4 + 4 + (version === 1 ? 4 : 0) + 16);
    this.#checkEnd(cursor.u64());
    cursor.skip(8 + 8);
    this.#object(this.#address(cursor), '', 0);
  }

  #sizes(offsets: number, lengths: number, at: number): void {
    if (offsets === 8 && lengths === 8) return;
    throw fault('SCAN_UNSUPPORTED', 'offsets and lengths that are not of 8 bytes', at);
  }

  #checkEnd(end: bigint): void {
    // Absolute, unlike all other addresses.
    const size = BigInt(this.#inspection.source.sizeBytes);
    if (end !== UNDEFINED && end > size) {
      throw fault('SCAN_TRUNCATED', `the file claims ${end} bytes and has ${size}`, this.#base);
    }
  }

  #object(address: number | null, path: string, depth: number): void {
    if (address === null || this.#visited.has(address)) return;
    if (depth > MAX_DEPTH || this.#visited.size >= MAX_OBJECTS) {
      throw fault('SCAN_LIMIT', 'the file nests too deep or holds too many objects', address);
    }
    this.#visited.add(address);
    this.#inspection.spend(8);
    for (const header of this.#headers(address)) this.#message(header, path, depth);
  }

  #headers(address: number): Header[] {
    const cursor = this.#cursor(address);
    const headers: Header[] = [];
    if (cursor.peek() === 0x4f) this.#headers2(cursor, headers);
    else this.#headers1(cursor, headers);
    return headers;
  }

  #headers1(cursor: Cursor, headers: Header[]): void {
    if (cursor.u8() !== 1) throw fault('SCAN_MALFORMED', 'an object has no header', cursor.offset);
    // The count of messages that stands here is not believed: the library reads on behind it.
    cursor.skip(1 + 2 + 4);
    const size = cursor.u32();
    cursor.skip(4);
    const blocks = [{ start: cursor.offset, end: cursor.offset + size }];
    for (let n = 0; n < blocks.length; n += 1) {
      const inner = this.#block(blocks, n);
      while (inner.remaining >= 8) {
        const [type, length, flags] = [inner.u16(), inner.u16(), inner.u8()];
        inner.skip(3);
        const header = { type, flags, start: inner.offset, end: inner.offset + length };
        inner.skip(length);
        headers.push(header);
        if (type === 0x10) blocks.push(this.#continuation(header, 0));
        this.#inspection.spend(1);
      }
    }
  }

  #headers2(cursor: Cursor, headers: Header[]): void {
    const at = cursor.offset;
    if (cursor.u32() !== 0x5244484f) throw fault('SCAN_MALFORMED', 'an object has no header', at);
    cursor.skip(1);
    const flags = cursor.u8();
    cursor.skip(((flags & 0x20) !== 0 ? 16 : 0) + ((flags & 0x10) !== 0 ? 4 : 0));
    const width = 1 << (flags & 3);
    let size = 0;
    for (let n = 0; n < width; n += 1) size += cursor.u8() * 2 ** (8 * n);
    const blocks = [{ start: cursor.offset, end: cursor.offset + size }];
    const ordered = (flags & 0x04) !== 0 ? 2 : 0;
    for (let n = 0; n < blocks.length; n += 1) {
      const inner = this.#block(blocks, n);
      while (inner.remaining >= 4 + ordered) {
        const [type, length, messageFlags] = [inner.u8(), inner.u16(), inner.u8()];
        inner.skip(ordered);
        const header = {
          type,
          flags: messageFlags,
          start: inner.offset,
          end: inner.offset + length,
        };
        inner.skip(length);
        headers.push(header);
        if (type === 0x10) blocks.push(this.#continuation(header, 4));
        this.#inspection.spend(1);
      }
    }
  }

  /** A cursor over one of the blocks of an object header. */
  #block(blocks: readonly Block[], n: number): Cursor {
    const { start, end } = blocks[n] ?? { start: 0, end: 0 };
    if (n >= MAX_BLOCKS) throw fault('SCAN_LIMIT', 'an object has too many blocks', start);
    const inner = new Cursor(this.#inspection.source, start, end);
    inner.check(end - start);
    return inner;
  }

  /** A continuation block; version 2 blocks have a signature in front and a checksum behind. */
  #continuation(header: Header, frame: number): Block {
    const cursor = this.#cursor(header.start);
    const start = this.#address(cursor) ?? 0;
    const length = cursor.size64();
    return { start: start + frame, end: start + length - frame };
  }

  #message(header: Header, path: string, depth: number): void {
    const cursor = new Cursor(this.#inspection.source, header.start, header.end);
    const isRead = [0x02, 0x06, 0x07, 0x08, 0x0c, 0x11, 0x15].includes(header.type);
    if (isRead && (header.flags & SHARED) !== 0) {
      return this.#visitor.unread(path, 'a shared message', header.start);
    }
    switch (header.type) {
      case 0x02:
        return this.#linkInfo(cursor, path, depth);
      case 0x06:
        return this.#link(cursor, path, depth);
      case 0x07:
        return this.#visitor.externalStorage(path, header.start);
      case 0x08:
        return this.#layout(cursor, path);
      case 0x0c:
        return this.#attribute(cursor, path);
      case 0x11:
        return this.#symbolTable(cursor, path, depth);
      case 0x15:
        return this.#attributeInfo(cursor, path);
    }
  }

  #layout(cursor: Cursor, path: string): void {
    const at = cursor.offset;
    const version = cursor.u8();
    if (version > LAYOUT_VERSION) {
      this.#visitor.unread(path, `a layout of version ${version}`, at);
    } else if (version >= VIRTUAL_VERSION && cursor.u8() === VIRTUAL) {
      this.#visitor.externalStorage(path, at);
    }
  }

  #linkInfo(cursor: Cursor, path: string, depth: number): void {
    cursor.skip(1);
    const flags = cursor.u8();
    if ((flags & 1) !== 0) cursor.skip(8);
    this.#dense(cursor, path, (link) => this.#link(link, path, depth));
  }

  #attributeInfo(cursor: Cursor, path: string): void {
    cursor.skip(1);
    const flags = cursor.u8();
    if ((flags & 1) !== 0) cursor.skip(2);
    this.#dense(cursor, path, (attribute) => this.#attribute(attribute, path));
  }

  #attribute(cursor: Cursor, path: string): void {
    const at = cursor.offset;
    const { name, text } = readAttribute(this.#inspection.source, cursor, this.#base);
    this.#visitor.attribute(path, name, text, at);
  }

  /** Gives each message of a dense storage to `visit`, where the object has one. */
  #dense(cursor: Cursor, path: string, visit: (message: Cursor) => void): void {
    const [heap, tree] = [this.#address(cursor), this.#address(cursor)];
    if (heap === null) return;
    if (tree === null) return this.#visitor.unread(path, 'a dense storage', cursor.offset);
    const storage = { heap, tree, base: this.#base };
    for (const { start, end } of denseObjects(this.#inspection, storage)) {
      visit(new Cursor(this.#inspection.source, start, end));
    }
  }

  #link(cursor: Cursor, path: string, depth: number): void {
    const at = cursor.offset;
    if (cursor.u8() !== 1) throw fault('SCAN_MALFORMED', 'a link has an unknown version', at);
    const flags = cursor.u8();
    const type = (flags & 0x08) !== 0 ? cursor.u8() : 0;
    if ((flags & 0x04) !== 0) cursor.skip(8);
    if ((flags & 0x10) !== 0) cursor.skip(1);
    let length = 0;
    for (let n = 0; n < 1 << (flags & 3); n += 1) length += cursor.u8() * 2 ** (8 * n);
    const name = text(cursor.take(length));
    const inner = `${path}/${name}`;
    if (type === 0) return this.#object(this.#address(cursor), inner, depth + 1);
    if (type === 1) return;
    if (type === 64) {
      const info = cursor.take(cursor.u16());
      const [file = ''] = text(info.subarray(1)).split('\0');
      return this.#visitor.externalLink(inner, file, at);
    }
    this.#visitor.externalLink(inner, `a link of type ${type}`, at);
  }

  #symbolTable(cursor: Cursor, path: string, depth: number): void {
    const tree = this.#address(cursor);
    const heap = this.#address(cursor);
    if (tree === null || heap === null) return;
    const names = this.#cursor(heap);
    if (names.u32() !== 0x50414548) throw fault('SCAN_MALFORMED', 'a name heap is missing', heap);
    names.skip(4);
    const size = names.size64();
    names.skip(8);
    const start = this.#address(names) ?? 0;
    const outer = this.#heap;
    this.#heap = { start, end: Math.min(start + size, this.#inspection.source.sizeBytes) };
    this.#tree(tree, path, depth);
    this.#heap = outer;
  }

  #tree(address: number, path: string, depth: number): void {
    if (this.#visited.has(address)) return;
    this.#visited.add(address);
    const cursor = this.#cursor(address);
    const signature = cursor.u32();
    if (signature === 0x444f4e53) return this.#symbols(cursor, path, depth);
    if (signature !== 0x45455254) throw fault('SCAN_MALFORMED', 'a group has no tree', address);
    cursor.skip(2);
    const used = cursor.u16();
    cursor.skip(16);
    for (let n = 0; n < used; n += 1) {
      this.#inspection.spend(1);
      cursor.skip(8);
      const child = this.#address(cursor);
      if (child === null) continue;
      if (depth >= MAX_DEPTH) throw fault('SCAN_LIMIT', 'a tree of names nests too deep', child);
      this.#tree(child, path, depth + 1);
    }
  }

  #symbols(cursor: Cursor, path: string, depth: number): void {
    cursor.skip(2);
    const count = cursor.u16();
    for (let n = 0; n < count; n += 1) {
      this.#inspection.spend(1);
      const nameOffset = cursor.size64();
      const header = this.#address(cursor);
      const cache = cursor.u32();
      cursor.skip(20);
      if (cache === 2) continue; // a soft link stays in the file
      const heap = this.#heap;
      this.#object(header, `${path}/${this.#heapText(nameOffset)}`, depth + 1);
      this.#heap = heap;
    }
  }

  #heapText(offset: number): string {
    if (this.#heap === null) return '';
    const start = this.#heap.start + offset;
    const bytes = this.#inspection.source.read(
      start,
      Math.max(0, Math.min(1024, this.#heap.end - start)),
    );
    return text(bytes).split('\0')[0] ?? '';
  }

  #cursor(offset: number): Cursor {
    if (offset >= this.#inspection.source.sizeBytes) {
      throw fault('SCAN_TRUNCATED', 'an address is outside the file', offset);
    }
    return new Cursor(this.#inspection.source, offset);
  }

  /** An address as an offset in the file; null when undefined. */
  #address(cursor: Cursor): number | null {
    const value = cursor.u64();
    if (value === UNDEFINED) return null;
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw fault('SCAN_MALFORMED', 'an address is out of range', cursor.offset);
    }
    return this.#base + Number(value);
  }
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
