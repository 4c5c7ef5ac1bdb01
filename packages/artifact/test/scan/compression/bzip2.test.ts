import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bunzip2 } from '../../../src/scan/compression/bzip2.ts';
import { ScanError } from '../../../src/scan/errors.ts';
import { BZIP2, PLAIN } from './compressed-bytes.ts';

test('bzip2 gives the bytes back, and says where the stream ends', () => {
  const { bytes, consumed } = bunzip2(Buffer.concat([BZIP2, Buffer.from('tail')]), 1 << 20);

  assert.deepEqual(Buffer.from(bytes), PLAIN);
  assert.equal(consumed, BZIP2.length);
});

test('bzip2 that is longer than the bound, cut anywhere or empty is refused', () => {
  assert.throws(() => bunzip2(BZIP2, 100), { code: 'SCAN_LIMIT' });
  for (let length = 0; length < BZIP2.length; length += 1) {
    assert.throws(() => bunzip2(BZIP2.subarray(0, length), 1 << 20), ScanError);
  }
});

test('bzip2 with any flipped bit ends in bytes or a refusal, in no other way', () => {
  for (let at = 0; at < BZIP2.length * 8; at += 3) {
    const broken = Buffer.from(BZIP2);
    broken[at >> 3] = (broken[at >> 3] ?? 0) ^ (1 << (at & 7));
    try {
      assert.ok(bunzip2(broken, 1 << 16).bytes.length <= 1 << 16);
    } catch (error) {
      assert.ok(error instanceof ScanError);
    }
  }
});
