import assert from 'node:assert/strict';
import { test } from 'node:test';

import { finish, hashWord, lowerUnit } from '../../src/linear/hash.ts';

test('hashWord() ignores case in every script with capitals', () => {
  assert.equal(hashWord('Ignore'), hashWord('iGNORE'));
  assert.equal(hashWord('ПАРОЛЬ'), hashWord('пароль'));
  assert.notEqual(hashWord('ab'), hashWord('ba'));
});

test('the hash is part of the weights format and does not change', () => {
  assert.equal(hashWord('ignore') >>> 0, 2118064195);
  assert.equal(finish(hashWord('ignore')) >>> 0, 2169986898);
  assert.equal(lowerUnit(0x41), 0x61);
});
