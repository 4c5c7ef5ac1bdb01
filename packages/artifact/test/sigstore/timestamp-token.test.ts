import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { parseTimestampResponse } from '../../src/sigstore/timestamp-token.ts';
import { makeInstance } from './instance.ts';

const NOW = Date.parse('2026-05-01T12:34:56Z');
const stamp = makeInstance(NOW).timestamp(Buffer.alloc(32, 5), NOW);

test('imprint, time and signer are read', () => {
  const token = parseTimestampResponse(stamp);

  assert.deepEqual(
    [token.timeMs, token.imprint.hash, token.signatureHash],
    [NOW, 'sha256', 'sha256'],
  );
  assert.ok(Buffer.alloc(32, 5).equals(token.imprint.digest));
  assert.equal(token.signer.kind, 'issuer');
});

test('a response that was not granted is refused', () => {
  // PKIStatusInfo is the first SEQUENCE inside: 30 03 02 01 00.
  const at = stamp.indexOf(Buffer.from('3003020100', 'hex'));
  const rejected = Buffer.from(stamp);
  rejected[at + 4] = 2;

  assert.throws(() => parseTimestampResponse(rejected), RangeError);
});

test('cut or altered bytes are read or refused with a RangeError, nothing else', () => {
  fc.assert(
    fc.property(fc.nat(stamp.length - 1), fc.nat(255), fc.boolean(), (at, byte, cut) => {
      const changed = cut ? stamp.subarray(0, at) : Buffer.from(stamp);
      if (!cut) changed[at] = byte;
      try {
        parseTimestampResponse(changed);
      } catch (error) {
        assert.ok(error instanceof RangeError, String(error));
      }
    }),
  );
});
