import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { createRecentScores, rowsKey } from '../../src/encoder/recent-scores.ts';

const scores = (value: number): Float32Array => Float32Array.from([value]);

describe('createRecentScores', () => {
  test('finds what was kept, and forgets it after two seconds', () => {
    const recent = createRecentScores();
    recent.keep('a', scores(1), 100);

    assert.deepEqual(recent.find('a', 2_099), scores(1));
    assert.equal(recent.find('a', 2_100), undefined);
    assert.equal(recent.find('b', 100), undefined);
  });

  test('keeps 64 at most, and the newest of them', () => {
    const recent = createRecentScores();
    for (let i = 0; i < 1_000; i += 1) recent.keep(`${i}`, scores(i), 0);

    const kept = Array.from({ length: 1_000 }, (_, i) => i).filter((i) => recent.find(`${i}`, 1));
    assert.deepEqual(
      kept,
      Array.from({ length: 64 }, (_, i) => 936 + i),
    );
  });
});

describe('rowsKey', () => {
  test('is equal for equal rows, and only for those', () => {
    const rows = fc.record({
      ids: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 }),
      lengths: fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 3 }),
      width: fc.integer({ min: 0, max: 12 }),
    });
    fc.assert(
      fc.property(rows, rows, (a, b) => {
        const key = (given: typeof a): string =>
          rowsKey({ ...given, ids: Int32Array.from(given.ids) });
        assert.equal(key(a) === key(b), JSON.stringify(a) === JSON.stringify(b));
        assert.equal(key(a), key(structuredClone(a)));
      }),
    );
  });

  test('a view into a longer list counts only for what it shows', () => {
    const long = Int32Array.from([1, 2, 3, 4]);
    const whole = { ids: Int32Array.from([2, 3]), lengths: [2], width: 2 };

    assert.equal(rowsKey({ ...whole, ids: long.subarray(1, 3) }), rowsKey(whole));
  });
});
