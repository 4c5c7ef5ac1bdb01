import assert from 'node:assert/strict';
import { test } from 'node:test';

import { findNames } from '../../src/pii/names.ts';

const names = (text: string): readonly string[] =>
  findNames(text).map(({ start, end }) => text.slice(start, end));

test('names are found by title, label and given name', () => {
  assert.ok(names('Please ask Dr. Elmo Wisoky about it.').includes('Elmo Wisoky'));
  assert.ok(names('Patient: Alden Bednar').includes('Alden Bednar'));
  assert.ok(names('Yesterday Maria Lopez called.').includes('Maria Lopez'));
});

test('weekdays, headings and words that are also names alone are not', () => {
  for (const text of [
    'Hello Team, see you Monday.',
    'Grace period ends in May.',
    'Mark the box.',
    'The United States',
  ]) {
    assert.deepEqual(names(text), [], text);
  }
});
