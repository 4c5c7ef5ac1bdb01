import assert from 'node:assert/strict';
import { test } from 'node:test';

import { unlz4 } from '../../../src/scan/compression/lz4.ts';
import { ScanError } from '../../../src/scan/errors.ts';
import { LZ4, PLAIN } from './compressed-bytes.ts';

test('lz4 gives the bytes back, and says where the stream ends', () => {
  const { bytes, consumed } = unlz4(Buffer.concat([LZ4, Buffer.from('tail')]), 1 << 20);

  assert.deepEqual(Buffer.from(bytes), PLAIN);
  assert.equal(consumed, LZ4.length);
});

test('lz4 that is longer than the bound, cut anywhere or empty is refused', () => {
  assert.throws(() => unlz4(LZ4, 100), { code: 'SCAN_LIMIT' });
  for (let length = 0; length < LZ4.length; length += 1) {
    assert.throws(() => unlz4(LZ4.subarray(0, length), 1 << 20), ScanError);
  }
});

test('lz4 with any flipped bit ends in bytes or a refusal, in no other way', () => {
  for (let at = 0; at < LZ4.length * 8; at += 3) {
    const broken = Buffer.from(LZ4);
    broken[at >> 3] = (broken[at >> 3] ?? 0) ^ (1 << (at & 7));
    try {
      assert.ok(unlz4(broken, 1 << 16).bytes.length <= 1 << 16);
    } catch (error) {
      assert.ok(error instanceof ScanError);
    }
  }
});
