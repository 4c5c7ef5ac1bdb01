import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, zstdCompressSync } from 'node:zlib';

import { inflate } from '../../../src/scan/compression/inflate.ts';
import { zstdFrames } from '../../../src/scan/compression/zstd-frame.ts';
import { rules } from '../outcome.ts';
import { bytes, calls, proto, u32 } from '../pickle-bytes.ts';

const checked = { params: { [constants.ZSTD_c_checksumFlag]: 1 } };
const small = zstdCompressSync(Buffer.from('abc'));
const frames: readonly Buffer[] = [
  small,
  zstdCompressSync(Buffer.alloc(0)),
  zstdCompressSync(Buffer.alloc(300_000)),
  zstdCompressSync(Buffer.alloc(300), checked),
  zstdCompressSync(Buffer.from(Array.from({ length: 200_000 }, (_, n) => (n * n * 31) & 255))),
];
const skippable = bytes(u32(0x184d2a5f), u32(3), 'xyz');

test('frames end where the next begins', () => {
  for (const frame of frames) {
    assert.deepEqual(zstdFrames(bytes(frame, small)), [
      { start: 0, end: frame.length, skippable: false },
      { start: frame.length, end: frame.length + small.length, skippable: false },
    ]);
  }
  assert.deepEqual(zstdFrames(bytes(skippable, small, 'tail'))[0], {
    start: 0,
    end: 11,
    skippable: true,
  });
  assert.equal(zstdFrames(bytes(small, 'tail')).length, 1);
});

test('every frame is inflated, within one bound, and what stands behind is not consumed', () => {
  const two = bytes(small, skippable, small);
  const { bytes: content, consumed } = inflate('zstd', bytes(two, 'tail'), 6);

  assert.equal(Buffer.from(content).toString(), 'abcabc');
  assert.equal(consumed, two.length);
  assert.throws(() => inflate('zstd', two, 5), /more than/);
});

test('Z-1 a pickle in a second frame is judged', () => {
  const plain = zstdCompressSync(bytes(proto(2), 'N.'));

  assert.equal(rules('m.pkl.zst', plain), '');
  assert.equal(rules('m.pkl.zst', bytes(plain, zstdCompressSync(calls('posix', 'system')))), 'P-1');
  assert.equal(rules('m.pkl.zst', bytes(plain, calls('posix', 'system'))), 'P-1 Z-3');
  assert.equal(rules('m.pkl.zst', plain.subarray(0, -1)), 'Z-3-U');
});
