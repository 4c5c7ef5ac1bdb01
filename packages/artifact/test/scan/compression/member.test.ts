import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';

import { inspect, rules } from '../outcome.ts';
import { bytes, calls } from '../pickle-bytes.ts';

const EVIL = calls('posix', 'system');

describe('compressed files', () => {
  test('Z-5 a pickle in gzip, zlib, zstd and the old joblib frame is judged', () => {
    const zlib = deflateSync(EVIL);
    assert.equal(rules('a.joblib', gzipSync(EVIL)), 'P-1');
    assert.equal(rules('a.joblib', zlib), 'P-1');
    assert.equal(rules('a.pkl.zst', zstdCompressSync(EVIL)), 'P-1');
    assert.equal(
      rules('a.z', bytes('ZF', `0x${EVIL.length.toString(16)}`.padEnd(19), zlib)),
      'P-1',
    );
  });

  test('Z-5 a stream that is compressed twice is opened twice, not four times', () => {
    const twice = gzipSync(gzipSync(EVIL));
    assert.match(rules('a.gz', twice), /P-1/);
    assert.match(rules('a.gz', gzipSync(gzipSync(twice))), /Z-5/);
  });

  test('Z-5 a bomb is incomplete and is not inflated to its end', () => {
    const bomb = gzipSync(Buffer.alloc(64 << 20));

    assert.equal(rules('a.joblib', bomb), 'Z-5');
    assert.equal(inspect('a.joblib', bomb).verdict, 'incomplete');
  });

  test('bytes behind the stream are a finding and judged', () => {
    assert.match(rules('a.gz', bytes(deflateSync(Buffer.from('{}')), EVIL)), /P-1.*Z-3/);
  });

  test('a cut stream is incomplete', () => {
    assert.match(rules('a.gz', gzipSync(EVIL).subarray(0, -6)), /Z-3-U/);
  });
});
