import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { PII } from '@proofmark/evals';

const ids = (text: string): readonly string[] =>
  new PII({ types: ['NATIONAL_ID', 'SSN'] })
    .find(text)
    .map(({ start, end }) => text.slice(start, end));

describe('NATIONAL_IDS', () => {
  test('forms that say what they are need no word', () => {
    for (const id of [
      'RCCMNL83S18D969H',
      '756.9217.0769.85',
      '131052-308T',
      '11010519491231002X',
      '529.982.247-25',
      '85.07.30-033.28',
      'BADD110313HCMLNS09',
    ]) {
      assert.deepEqual(ids(`see ${id}.`), [id]);
    }
  });

  test('bare digits need the word of their country and the check digits', () => {
    assert.deepEqual(ids('BSN 111222333'), ['111222333']);
    assert.deepEqual(ids('invoice 111222333'), []);
    assert.deepEqual(ids('PESEL 44051401359'), ['44051401359']);
    assert.deepEqual(ids('count 44051401359'), []);
    assert.deepEqual(ids('TC kimlik no 17291716060'), ['17291716060']);
  });

  test('the first twelve digits of a card are no identity number', () => {
    assert.deepEqual(ids('4716 9876 2234 1561'), []);
  });
});
