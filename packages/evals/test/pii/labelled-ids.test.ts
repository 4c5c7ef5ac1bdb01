import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { PII } from '@proofmark/evals';

const pii = new PII();
const ids = (text: string): readonly string[] =>
  pii
    .find(text)
    .filter(({ type }) => type === 'NATIONAL_ID')
    .map(({ start, end }) => text.slice(start, end));

describe('LABELLED_IDS', () => {
  const named: readonly (readonly [string, string])[] = [
    ['SV-Nummer 1234 010180', '1234 010180'],
    ['{"national_id": "83071782591"}', '83071782591'],
    ['Sunați la 0752 781 465, CNP 8990502028199', '8990502028199'],
    ['Мой ИНН: 982597919074.', '982597919074'],
    ['我的身份证号是451424198707248250，谢谢', '451424198707248250'],
    ['My NI number is QQ 12 34 56 C and I start', 'QQ 12 34 56 C'],
    ['<personnummer>870724-6066</personnummer>', '870724-6066'],
    ['Mi RUT es 12.345.678-9.', '12.345.678-9'],
  ];
  for (const [text, expected] of named) {
    test(`a label is enough, whatever the check digits say: ${text}`, () => {
      assert.deepEqual(ids(text), [expected]);
    });
  }

  test('acronyms that are words count in capitals only', () => {
    for (const text of [
      'Das ist ein 12345678 Euro teures Haus.',
      'nie 12345678 gesehen',
      'run 12345678 times',
      'sin 12345678 dudas',
    ]) {
      assert.deepEqual(ids(text), [], text);
    }
  });

  test('a date behind a label is no identifier', () => {
    assert.deepEqual(ids('PESEL 2024-11-03'), []);
  });
});
