import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  aadhaar,
  abaRouting,
  brazilianCpf,
  germanTaxId,
  iban,
  luhn,
  nhsNumber,
  spanishId,
  usSsn,
} from '../../src/pii/checksums.ts';

describe('check digits', () => {
  const cases: readonly (readonly [string, (value: string) => boolean, string])[] = [
    ['luhn', luhn, '4111 1111 1111 1111'],
    ['iban', iban, 'DE89 3704 0044 0532 0130 00'],
    ['iban', iban, 'GB82WEST12345698765432'],
    ['abaRouting', abaRouting, '021000021'],
    ['germanTaxId', germanTaxId, '86095742719'],
    ['spanishId', spanishId, '12345678Z'],
    ['spanishId', spanishId, 'X1234567L'],
    ['brazilianCpf', brazilianCpf, '529.982.247-25'],
    ['nhsNumber', nhsNumber, '943 476 5919'],
    ['aadhaar', aadhaar, '2341 2341 2346'],
  ];
  for (const [name, check, value] of cases) {
    test(`${name} accepts ${value} and refuses it with any digit changed`, () => {
      assert.ok(check(value));
      for (let i = 0; i < value.length; i += 1) {
        const digit = value.charCodeAt(i) - 48;
        if (digit < 0 || digit > 9) continue;
        const changed = value.slice(0, i) + String((digit + 1) % 10) + value.slice(i + 1);
        assert.ok(!check(changed), changed);
      }
    });
  }

  test('numbers that were never issued are refused', () => {
    assert.ok(usSsn('123-45-6789'));
    for (const value of ['000-12-3456', '666-12-3456', '123-00-4567', '123-45-0000', '12345'])
      assert.ok(!usSsn(value));
    assert.ok(!luhn('0000 0000 0000 0000'));
  });
});
