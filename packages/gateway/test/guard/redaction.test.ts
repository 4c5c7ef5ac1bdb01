import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { covers, cutRanges, mergeRanges } from '../../src/guard/redaction.ts';

const ranges = fc
  .array(fc.tuple(fc.nat({ max: 30 }), fc.integer({ min: 1, max: 8 })), { maxLength: 5 })
  .map((list) => mergeRanges(list.map(([start, length]) => ({ start, end: start + length }))));

test('merged ranges are sorted, apart, and cover what the ranges covered', () => {
  assert.deepEqual(
    mergeRanges([
      { start: 5, end: 7 },
      { start: 1, end: 3 },
      { start: 3, end: 4 },
      { start: 6, end: 6 },
    ]),
    [
      { start: 1, end: 4 },
      { start: 5, end: 7 },
    ],
  );
  assert.equal(covers([{ start: 1, end: 4 }], 2, 4), true);
  assert.equal(covers([{ start: 1, end: 4 }], 2, 5), false);
  assert.equal(covers([], 5, 5), true);
});

test('cutting a text in pieces gives the same as cutting it whole', () => {
  fc.assert(
    fc.property(ranges, fc.array(fc.integer({ min: 0, max: 10 })), (cuts, sizes) => {
      const text = 'abcdefghijklmnopqrstuvwxyz0123456789ABCD';
      let rest = '';
      let at = 0;
      for (const size of [...sizes, text.length]) {
        rest += cutRanges(text.slice(at, at + size), at, cuts);
        at += size;
      }

      assert.equal(rest, cutRanges(text, 0, cuts));
    }),
  );
});

test('nothing that is covered remains', () => {
  assert.equal(cutRanges('call 555-1234 now', 0, [{ start: 5, end: 13 }]), 'call [REDACTED] now');
  assert.equal(cutRanges('1234 now', 9, [{ start: 5, end: 13 }]), ' now');
});
