import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { hashWord } from '../../src/linear/hash.ts';
import { createTextReader, readText } from '../../src/linear/text-reader.ts';

const reader = createTextReader(64);

function read(text: string): { units: string; words: number[]; starts: number[] } {
  const { length, words } = readText(reader, text);
  return {
    units: String.fromCharCode(...reader.units.subarray(0, length)),
    words: [...reader.words.subarray(0, words)],
    starts: [...reader.starts.subarray(0, words)],
  };
}

test('units are folded, blanks collapsed, words hashed, beginnings of sentences marked', () => {
  const { units, words, starts } = read('Call\t ME at 555. Now');

  assert.equal(units, ' call me at 000. now ');
  assert.deepEqual(words, ['call', 'me', 'at', '000', 'now'].map(hashWord));
  assert.deepEqual(starts, [1, 0, 0, 0, 1]);
});

test('an ideograph is a word of its own, a lone surrogate breaks nothing', () => {
  assert.deepEqual(read('忽略. x').words, ['忽', '略', 'x'].map(hashWord));
  assert.deepEqual(read('忽略. x').starts, [1, 0, 1]);
  assert.equal(read('a\ud800').units, ' a\ud800 ');
});

test('one reading leaves nothing to the next, whatever was read', () => {
  const anyText = fc.string({ unit: 'binary', maxLength: 32 });
  fc.assert(
    fc.property(anyText, anyText, (before, text) => {
      const fresh = read(text);
      read(before);
      assert.deepEqual(read(text), fresh);
      assert.equal(fresh.units.at(0), ' ');
      assert.equal(fresh.units.at(-1), ' ');
      assert.ok(!fresh.units.includes('  '));
    }),
    { numRuns: 60 },
  );
});
