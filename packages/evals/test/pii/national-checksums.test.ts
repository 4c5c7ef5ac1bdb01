import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import * as checks from '../../src/pii/national-checksums.ts';

const CHECKS = new Map<string, (value: string) => boolean>(Object.entries(checks));

function accepts(name: string, value: string): boolean {
  return CHECKS.get(name)?.(value) ?? assert.fail(name);
}

const VALID: readonly (readonly [string, string])[] = [
  ['canadianSin', '123-456-782'],
  ['australianTfn', '123 456 782'],
  ['frenchNir', '2 95 10 99 126 111 93'],
  ['italianFiscalCode', 'RCCMNL83S18D969H'],
  ['dutchBsn', '111222333'],
  ['belgianNumber', '85.07.30-033.28'],
  ['swedishNumber', '880320-0016'],
  ['norwegianNumber', '15108695088'],
  ['finnishCode', '131052-308T'],
  ['polishPesel', '44051401359'],
  ['swissAhv', '756.9217.0769.85'],
  ['irishPps', '6433435F'],
  ['irishPps', '6433435FT'],
  ['portugueseNif', '501964843'],
  ['chineseId', '11010519491231002X'],
  ['chineseId', '360426199101010071'],
  ['turkishId', '17291716060'],
  ['romanianCnp', '1630615123457'],
  ['czechBirthNumber', '710319/2745'],
  ['southAfricanId', '7503305044089'],
  ['israeliId', '039337423'],
  ['chileanRut', '12.531.909-2'],
  ['japaneseMyNumber', '1234 5678 9018'],
  ['singaporeNric', 'S1234567D'],
];

describe('check digits of national identifiers', () => {
  for (const [name, value] of VALID) {
    test(`${name} accepts ${value} and refuses its last check changed`, () => {
      assert.ok(accepts(name, value));
      const end = value.length - (name === 'irishPps' && value.length === 9 ? 2 : 1);
      const last = value.charAt(end);
      const other = /\d/.test(last) ? String((Number(last) + 1) % 10) : last === 'X' ? '3' : 'V';
      assert.ok(!accepts(name, value.slice(0, end) + other + value.slice(end + 1)));
    });
  }

  test('dates inside a number must be dates', () => {
    assert.ok(checks.danishCpr('211062-5629'));
    assert.ok(checks.koreanRrn('971013-1019903'));
    assert.ok(!checks.danishCpr('411362-5629'));
    assert.ok(!checks.koreanRrn('971313-1019903'));
  });

  test('no check throws on any text, and none accepts an empty one', () => {
    for (const check of CHECKS.values()) {
      for (const text of [
        '',
        ' ',
        '9'.repeat(400),
        '0'.repeat(11),
        'ABCDEFG',
        '١٢٣٤٥٦٧٨٩',
        '\ud800',
      ]) {
        const accepted = check(text);
        assert.ok(!accepted || text.startsWith('0'), text);
      }
    }
  });
});
