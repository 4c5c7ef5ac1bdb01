import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import {
  Cursor,
  SwappedCursor,
  bytesSource,
  lend,
  readAll,
  sliceSource,
} from '../../src/scan/byte-source.ts';
import { bytes, u32, u64 } from './pickle-bytes.ts';

test('a slice is the part of its source, whatever the bounds', () => {
  fc.assert(
    fc.property(
      fc.uint8Array(),
      fc.record({ start: fc.integer(), end: fc.integer(), at: fc.nat(50), length: fc.nat(50) }),
      (data, { start, end, at, length }) => {
        const slice = sliceSource(bytesSource(data), start, end);
        const from = Math.min(Math.max(0, start), data.length);
        const expected = data.slice(from, Math.max(from, Math.min(end, data.length)));
        assert.deepEqual(
          Array.from(slice.read(at, length)),
          Array.from(expected.slice(at, at + length)),
        );
        assert.deepEqual(Array.from(lend(slice, at, length)), Array.from(slice.read(at, length)));
      },
    ),
  );
});

test('a cursor reads numbers across its window and checks each length first', () => {
  const far = bytes(Buffer.alloc(65_534), u32(7), u64(1n << 60n), u64(9));
  const cursor = new Cursor(bytesSource(far));
  cursor.skip(65_534);

  assert.equal(cursor.u32(), 7);
  assert.throws(() => cursor.size64(), { code: 'SCAN_MALFORMED' });
  assert.equal(cursor.size64(), 9);
  assert.equal(cursor.peek(), -1);
  assert.throws(() => cursor.u8(), { code: 'SCAN_TRUNCATED' });
  assert.throws(() => cursor.skip(-1), { code: 'SCAN_MALFORMED' });
});

test('a line ends at its newline, within a bound', () => {
  assert.equal(
    Buffer.from(new Cursor(bytesSource(Buffer.from('ab\ncd'))).line(9)).toString(),
    'ab',
  );
  assert.throws(() => new Cursor(bytesSource(Buffer.from('abc'))).line(9), {
    code: 'SCAN_TRUNCATED',
  });
  assert.throws(() => new Cursor(bytesSource(Buffer.from('abcdef\n'))).line(3), {
    code: 'SCAN_LIMIT',
  });
  assert.throws(() => readAll(bytesSource(Buffer.alloc(9)), 8), { code: 'SCAN_LIMIT' });
});

test('integers with their highest byte first are read by a cursor of their own', () => {
  const cursor = new SwappedCursor(
    bytesSource(
      Buffer.from('0102ffff000100000000ffffffff0000000000000000003ff8000000000000', 'hex'),
    ),
  );

  assert.equal(cursor.u16(), 0x0102);
  assert.equal(cursor.u32(), 0xffff0001);
  assert.equal(cursor.i32(), 0);
  assert.equal(cursor.u64(), 0xffffffff00000000n);
  cursor.skip(5);
  assert.equal(cursor.f64(), 1.5);
});
