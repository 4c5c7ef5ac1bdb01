import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ServerError } from '../../src/errors.ts';
import { blob, integer, integerOrNull, real, text, textOrNull, word } from '../../src/store/row.ts';

const row = { t: 'a', i: 3, r: 0.5, n: null, b: new Uint8Array([1]) };

test('columns are read in their types', () => {
  assert.equal(text(row, 't'), 'a');
  assert.equal(integer(row, 'i'), 3);
  assert.equal(real(row, 'r'), 0.5);
  assert.deepEqual(blob(row, 'b'), new Uint8Array([1]));
  assert.equal(word(row, 't', ['a', 'b']), 'a');
  assert.equal(textOrNull(row, 'n'), null);
  assert.equal(integerOrNull(row, 'i'), 3);
});

describe('a column of another type is refused:', () => {
  const refused: readonly (readonly [string, () => unknown])[] = [
    ['a text that is a number', () => text(row, 'i')],
    ['a text that is null', () => text(row, 'n')],
    ['an integer that is a fraction', () => integer(row, 'r')],
    ['a number that is a text', () => real(row, 't')],
    ['bytes that are a text', () => blob(row, 't')],
    ['a word that is not one of them', () => word(row, 't', ['b'])],
    ['a column that is not there', () => text(row, 'x')],
    ['an absent column that may be null', () => integerOrNull(row, 'x')],
  ];
  for (const [name, read] of refused) {
    test(name, () => {
      assert.throws(
        read,
        (e: unknown) => e instanceof ServerError && e.code === 'SERVER_ROW_INVALID',
      );
    });
  }
});
