import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bytesSource } from '../../../src/scan/byte-source.ts';
import { probePickle } from '../../../src/scan/pickle/probe.ts';
import { bytes, calls, proto } from '../pickle-bytes.ts';

test('a probe tells a pickle from other bytes and reports nothing', () => {
  const pickle = probePickle(bytesSource(calls('posix', 'system')), 0);
  const prose = probePickle(bytesSource(Buffer.from('once upon a time')), 0);
  const plain = probePickle(bytesSource(bytes(proto(2), 'N.', 'rest')), 0);

  assert.deepEqual([pickle.complete, pickle.denied, pickle.acts], [true, 1, true]);
  assert.deepEqual([prose.complete, prose.denied, prose.acts], [false, 0, false]);
  assert.deepEqual([plain.complete, plain.end, plain.imports], [true, 4, 0]);
});
