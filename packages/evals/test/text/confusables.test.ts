import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isCombiningMark, isInvisible, latinLookalike } from '../../src/text/confusables.ts';

test('look-alikes map to the letter they imitate and nothing else does', () => {
  assert.equal(latinLookalike('а'.charCodeAt(0)), 'a'.charCodeAt(0));
  assert.equal(latinLookalike('Ο'.charCodeAt(0)) | 0x20, 'o'.charCodeAt(0));
  assert.equal(latinLookalike('a'.charCodeAt(0)), 0);
  assert.equal(latinLookalike('ж'.charCodeAt(0)), 0);
});

test('no ASCII character is invisible or a mark', () => {
  for (let code = 0; code < 0x80; code += 1)
    assert.ok(!isInvisible(code) && !isCombiningMark(code));
  assert.ok(isInvisible(0x200b) && isInvisible(0xfeff) && isInvisible(0x202e));
});
