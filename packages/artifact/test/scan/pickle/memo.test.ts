import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { Memo } from '../../../src/scan/pickle/memo.ts';
import { int } from '../../../src/scan/pickle/value.ts';
import type { Value } from '../../../src/scan/pickle/value.ts';

test('a memo answers as a map does, whatever the order of its indexes', () => {
  const index = fc.oneof(fc.nat(12), fc.nat(0xffff_ffff));
  fc.assert(
    fc.property(fc.array(fc.tuple(index, fc.nat(300))), (entries) => {
      const memo = new Memo();
      const model = new Map<number, Value>();
      for (const [at, number] of entries) {
        const value = int(number);
        memo.set(at, value);
        model.set(at, value);
        assert.equal(memo.size, model.size);
      }
      for (const at of [...model.keys(), ...Array.from({ length: 14 }, (_, n) => n)]) {
        assert.equal(memo.get(at), model.get(at));
      }
    }),
  );
});

test('indexes stored backwards become one row once the first is stored', () => {
  const memo = new Memo();
  for (const at of [3, 2, 1, 5, 0]) memo.set(at, int(at));

  assert.equal(memo.size, 5);
  memo.set(4, int(4));
  memo.set(5, int(50));
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 6].map((at) => memo.get(at)),
    [int(0), int(1), int(2), int(3), int(4), int(50), undefined],
  );
  assert.equal(memo.size, 6);
});

test('a value stored again where it was moved to counts once', () => {
  const memo = new Memo();
  for (const at of [2, 1, 0, 1, 2]) memo.set(at, int(at));

  assert.equal(memo.size, 3);
});
