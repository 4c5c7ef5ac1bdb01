import assert from 'node:assert/strict';
import { test } from 'node:test';

import { findSuperblock } from '../../../src/scan/graph/hdf5-reader.ts';
import { rules } from '../outcome.ts';
import { bytes, u16, u64 } from '../pickle-bytes.ts';
import { attribute, externalLink, hdf5, hdf5Old, link } from './hdf5-bytes.ts';

const read = (file: Uint8Array) => (offset: number, length: number) =>
  file.subarray(offset, offset + length);

test('the superblock may stand behind a user block of a power of two', () => {
  const file = hdf5([]);

  assert.equal(findSuperblock(read(file)), 0);
  assert.equal(findSuperblock(read(bytes(Buffer.alloc(1024), file))), 1024);
  assert.equal(findSuperblock(read(bytes(Buffer.alloc(100), file))), null);
});

test('where the file ends counts from its beginning, user block or not', () => {
  const shifted = bytes(Buffer.alloc(512), hdf5([]));
  shifted.writeBigUInt64LE(BigInt(shifted.length), 512 + 28);

  assert.equal(rules('a.h5', shifted), '');
});

test('a link that leads back to its own group is followed once', () => {
  assert.equal(rules('a.h5', hdf5([link('self', 0, u64(48))])), '');
});

test('a continuation block is read', () => {
  const inner = externalLink('x', 'other.h5');
  const block = bytes(
    'OCHK',
    inner.type,
    inner.data.length & 255,
    inner.data.length >> 8,
    0,
    inner.data,
    Buffer.alloc(4),
  );
  const start = hdf5([{ type: 0x10, data: bytes(u64(0), u64(0)) }]).length;
  const file = hdf5([{ type: 0x10, data: bytes(u64(start), u64(block.length)) }], block);

  assert.equal(rules('a.h5', file), 'K-5');
});

test('addresses outside the file are incomplete', () => {
  assert.equal(rules('a.h5', hdf5([link('x', 0, u64(1n << 40n))])), 'K-4');
  assert.equal(rules('a.h5', hdf5([link('x', 0, u64(1n << 60n))])), 'K-4');
});

// The library reads every message of a block, whatever the header's count says.
for (const count of [0, 1, 2, 9]) {
  test(`a header that claims ${count} messages hides none of its two`, () => {
    const messages = [attribute('keras_version', '2.9.0'), externalLink('x', 'other.h5')];

    assert.equal(rules('a.h5', hdf5Old(messages, count)), 'K-5');
  });
}

test('an object of more blocks than are read is incomplete', () => {
  const last = hdf5Old([externalLink('x', 'other.h5')], 1).subarray(64);
  const first = hdf5Old([{ type: 0x10, data: Buffer.alloc(16) }], 1);
  const chain = (blocks: number): Buffer => {
    const at = (n: number): number => first.length + n * 24;
    const more = (n: number): Buffer => bytes(u64(at(n)), u64(n === blocks - 1 ? last.length : 24));
    const links = Array.from({ length: blocks - 1 }, (_, n) =>
      bytes(u16(0x10), u16(16), Buffer.alloc(4), more(n + 1)),
    );
    return hdf5Old([{ type: 0x10, data: more(0) }], 1, bytes(...links, last));
  };

  assert.equal(rules('a.h5', chain(20)), 'K-5');
  assert.equal(rules('a.h5', chain(1200)), 'K-4');
});

test('a tree of names that nests deeper than is read is incomplete', () => {
  const HEADER = 48 + 16 + 8 + 16;
  const heap = bytes('HEAP', Buffer.alloc(4), u64(0), u64(0), u64(48));
  const tree = (depth: number): Buffer => {
    const at = (n: number): number => HEADER + heap.length + n * 40;
    const nodes = Array.from({ length: depth }, (_, n) =>
      bytes('TREE', 0, 1, u16(n === depth - 1 ? 0 : 1), Buffer.alloc(16), u64(0), u64(at(n + 1))),
    );
    const table = { type: 0x11, data: bytes(u64(at(0)), u64(HEADER)) };
    return hdf5Old([table], 1, bytes(heap, ...nodes));
  };

  assert.equal(rules('a.h5', tree(40)), '');
  assert.equal(rules('a.h5', tree(80)), 'K-4');
});

test('messages that objects share, and layouts of a newer version, are incomplete', () => {
  const shared = { ...attribute('a', 'b'), flags: 2 };
  const layout = (version: number): Buffer =>
    hdf5([{ type: 0x08, data: bytes(version, 1, u64(0)) }]);

  assert.equal(rules('a.h5', hdf5([shared])), 'K-4');
  assert.equal(rules('a.h5', hdf5Old([shared], 1)), 'K-4');
  assert.equal(rules('a.h5', layout(4)), '');
  assert.equal(rules('a.h5', layout(5)), '');
  assert.equal(rules('a.h5', layout(6)), 'K-4');
});
