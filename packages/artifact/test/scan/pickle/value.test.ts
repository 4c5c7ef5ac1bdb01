import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  NONE,
  addEntry,
  addItem,
  container,
  describe as render,
  int,
  sizeOf,
  text,
  tuple,
  weightOf,
} from '../../../src/scan/pickle/value.ts';

describe('values of the machine', () => {
  test('weight counts the leaves of a walk, also through shared items', () => {
    const shared = tuple([NONE, NONE]);
    const list = container('list');
    addItem(list, shared);
    addItem(list, shared);

    assert.equal(weightOf(list), 1 + 2 * 3);
  });

  test('a container keeps only its first items, a dict only keys of text', () => {
    const list = container('list');
    for (let n = 0; n < 1000; n += 1) addItem(list, NONE);
    const dict = container('dict');
    addEntry(dict, text('a'), NONE);
    addEntry(dict, int(1), NONE);

    assert.equal(list.items.length, 256);
    assert.deepEqual([...dict.entries.keys()], ['a']);
  });

  test('a size is a safe integer that is not negative', () => {
    assert.equal(sizeOf(int(5)), 5);
    assert.equal(sizeOf(int(-5)), null);
    assert.equal(sizeOf(int(1n << 60n)), null);
    assert.equal(sizeOf(text('5')), null);
  });

  test('a rendering is short, quoted and bounded', () => {
    assert.equal(render(tuple([text('a\nb'), int(3), NONE])), '("a\\nb", 3, None)');
    assert.equal(render(text('x'.repeat(5000))), 'a long text');
  });
});
