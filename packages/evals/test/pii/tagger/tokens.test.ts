import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { tokenise } from '../../../src/pii/tagger/tokens.ts';

const words = (text: string): readonly string[] =>
  tokenise(text).map(({ start, end }) => text.slice(start, end));

test('the mark of an owner is no part of a name, an inner apostrophe is', () => {
  assert.deepEqual(words("Jane Doe's and O'Brien's"), [
    'Jane',
    'Doe',
    "'",
    's',
    'and',
    "O'Brien",
    "'",
    's',
  ]);
});

test('signs of scripts without blanks stand alone', () => {
  assert.deepEqual(words('我叫王芳, ab1'), ['我', '叫', '王', '芳', ',', 'ab', '1']);
});

test('tokens are ordered, inside the text, never empty, and cover all but blanks', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
      let last = 0;
      for (const { start, end } of tokenise(text)) {
        assert.ok(start >= last && end > start && end <= text.length);
        assert.equal(text.slice(last, start).trim(), '');
        last = end;
      }
    }),
  );
});
