import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { PII } from '@proofmark/evals';

const phones = (text: string): readonly string[] =>
  new PII({ types: ['PHONE'] }).find(text).map(({ start, end }) => text.slice(start, end));

describe('PHONE_PATTERNS', () => {
  const written: readonly string[] = [
    '+44 20 7946 0958',
    '+49 (0)30 901820',
    '(+57)6086003390',
    '0041 44 668 18 00',
    '(02) 9876 5432',
    '06 12 34 56 78',
    '0171/1234567',
    '8 (495) 123-45-67',
    '98765 43210',
    '555.010.7788',
    '001-553-553-4563x6742',
    '138-1234-5678',
  ];
  for (const number of written) {
    test(`finds ${number} whole`, () => {
      assert.deepEqual(phones(`Or ${number}, he said.`), [number]);
    });
  }

  test('other groups of digits need a word that announces them, in many languages', () => {
    assert.deepEqual(phones('The sum is 612 345 678.'), []);
    for (const lead of ['Call me on', 'Mi móvil es', 'Rufen Sie an:', 'Мой телефон', '電話は']) {
      assert.deepEqual(phones(`${lead} 612 345 678.`), ['612 345 678'], lead);
    }
  });

  test('a word announces the number after it, not the next one', () => {
    assert.deepEqual(phones('phone 612 345 678, parcel 512 345 678'), ['612 345 678']);
    assert.deepEqual(phones('phone 612 345 678 or 512 345 678'), ['612 345 678', '512 345 678']);
  });

  test('dates, times and numbers of other things are no telephones', () => {
    for (const text of [
      'call on 2024-11-03',
      'contact me 03-11-2024',
      'SSN: 567-22-1099',
      '10:30',
      "UPDATE users SET phone='none' WHERE id=8340547",
      '请打电话，订单号 113145353。',
    ]) {
      assert.deepEqual(phones(text), [], text);
    }
  });
});
