import assert from 'node:assert/strict';
import { test } from 'node:test';

import { lzmaProperties } from '../../../src/scan/compression/lzma.ts';
import { unlzma } from '../../../src/scan/compression/xz.ts';
import { ScanError } from '../../../src/scan/errors.ts';
import { LZMA, PLAIN } from './compressed-bytes.ts';

test('lzma-alone gives the bytes back, with and without an end marker', () => {
  assert.deepEqual(Buffer.from(unlzma(LZMA, 1 << 20).bytes), PLAIN);

  const sized = Buffer.from(LZMA);
  sized.writeBigUInt64LE(BigInt(PLAIN.length), 5);
  assert.deepEqual(Buffer.from(unlzma(sized, 1 << 20).bytes), PLAIN);
});

test('a size above the bound, a cut and properties out of range are refused', () => {
  const huge = Buffer.from(LZMA);
  huge.writeBigUInt64LE(1n << 40n, 5);

  assert.throws(() => unlzma(huge, 1 << 20), { code: 'SCAN_LIMIT' });
  assert.throws(() => unlzma(LZMA.subarray(0, 30), 1 << 20), ScanError);
  assert.throws(() => lzmaProperties(225), { code: 'SCAN_MALFORMED' });
  assert.deepEqual(lzmaProperties(0x5d), { literalContext: 3, literalPosition: 0, position: 2 });
});
