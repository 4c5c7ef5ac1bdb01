import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { PII } from '@proofmark/evals';

const pii = new PII({ types: ['PASSPORT', 'DRIVER_LICENSE', 'MEDICAL_ID', 'VEHICLE'] });
const found = (text: string): readonly string[] =>
  pii.find(text).map(({ type, start, end }) => `${type}:${text.slice(start, end)}`);

describe('DOCUMENT_PATTERNS', () => {
  const named: readonly (readonly [string, string])[] = [
    ['Reisepassnummer C01X00T47', 'PASSPORT:C01X00T47'],
    ['{"passport_number": "X1234567"}', 'PASSPORT:X1234567'],
    ['护照号码 E12345678', 'PASSPORT:E12345678'],
    ['numéro de permis de conduire 12AB34567', 'DRIVER_LICENSE:12AB34567'],
    ['Führerschein-Nr. B072RRE2I55', 'DRIVER_LICENSE:B072RRE2I55'],
    ['DL# A123-4567-8901 was checked', 'DRIVER_LICENSE:A123-4567-8901'],
    ['Kennzeichen B-MW 1234 gesehen', 'VEHICLE:B-MW 1234'],
    ['targa EL273DB', 'VEHICLE:EL273DB'],
    ['vin=1HGCM82633A004352 km=9', 'VEHICLE:1HGCM82633A004352'],
  ];
  for (const [text, expected] of named) {
    test(`finds ${expected} in: ${text}`, () => {
      assert.deepEqual(found(text), [expected]);
    });
  }

  test('the same characters without a label, or a label without them, are nothing', () => {
    for (const text of [
      'Artikel C01X00T47 ist da',
      'vehicle 4 of 7',
      'the passport office opens at 9',
      'plate 12',
      'license plate readers were sold in 2019',
    ]) {
      assert.deepEqual(found(text), [], text);
    }
  });
});
