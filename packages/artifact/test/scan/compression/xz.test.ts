import assert from 'node:assert/strict';
import { test } from 'node:test';

import { unxz } from '../../../src/scan/compression/xz.ts';
import { ScanError } from '../../../src/scan/errors.ts';
import { XZ, PLAIN } from './compressed-bytes.ts';

test('xz gives the bytes back, and says where the stream ends', () => {
  const { bytes, consumed } = unxz(Buffer.concat([XZ, Buffer.from('tail')]), 1 << 20);

  assert.deepEqual(Buffer.from(bytes), PLAIN);
  assert.equal(consumed, XZ.length);
});

test('xz that is longer than the bound, cut anywhere or empty is refused', () => {
  assert.throws(() => unxz(XZ, 100), { code: 'SCAN_LIMIT' });
  for (let length = 0; length < XZ.length; length += 1) {
    assert.throws(() => unxz(XZ.subarray(0, length), 1 << 20), ScanError);
  }
});

test('xz with any flipped bit ends in bytes or a refusal, in no other way', () => {
  for (let at = 0; at < XZ.length * 8; at += 3) {
    const broken = Buffer.from(XZ);
    broken[at >> 3] = (broken[at >> 3] ?? 0) ^ (1 << (at & 7));
    try {
      assert.ok(unxz(broken, 1 << 16).bytes.length <= 1 << 16);
    } catch (error) {
      assert.ok(error instanceof ScanError);
    }
  }
});
