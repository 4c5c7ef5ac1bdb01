import assert from 'node:assert/strict';
import { test } from 'node:test';

import { findSuperblock } from '../../../src/scan/graph/hdf5-reader.ts';
import { rules } from '../outcome.ts';
import { bytes, u64 } from '../pickle-bytes.ts';
import { externalLink, hdf5, link } from './hdf5-bytes.ts';

const read = (file: Uint8Array) => (offset: number, length: number) =>
  file.subarray(offset, offset + length);

test('the superblock may stand behind a user block of a power of two', () => {
  const file = hdf5([]);

  assert.equal(findSuperblock(read(file)), 0);
  assert.equal(findSuperblock(read(bytes(Buffer.alloc(1024), file))), 1024);
  assert.equal(findSuperblock(read(bytes(Buffer.alloc(100), file))), null);
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
