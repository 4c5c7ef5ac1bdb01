import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';

import { evaluateRows, PII } from '@proofmark/evals';

const pii = new PII();
const found = (text: string): readonly string[] =>
  pii.find(text).map(({ type, start, end }) => `${type}:${text.slice(start, end)}`);

describe('PII_PATTERNS', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['Mail me at jo.doe+x@mail.example.co.uk, please.', 'EMAIL:jo.doe+x@mail.example.co.uk'],
    ['Card 4111 1111 1111 1111 was charged.', 'CREDIT_CARD:4111 1111 1111 1111'],
    ['IBAN DE89 3704 0044 0532 0130 00', 'IBAN:DE89 3704 0044 0532 0130 00'],
    ['SSN 567-22-1099 was visible', 'SSN:567-22-1099'],
    ['Call (415) 555-2671 today', 'PHONE:(415) 555-2671'],
    ['call +49 30 1234567 now', 'PHONE:+49 30 1234567'],
    ['from 192.168.10.4 at noon', 'IP_ADDRESS:192.168.10.4'],
    ['born on March 3, 1984 in Rome', 'DATE_OF_BIRTH:March 3, 1984'],
    ['lives at 221 Baker Street, London', 'STREET_ADDRESS:221 Baker Street'],
    ['passport number X1234567', 'PASSPORT:X1234567'],
    ['PAN ABCPE1234F on file', 'NATIONAL_ID:ABCPE1234F'],
    ['token ghp_abcdefghijklmnopqrstuvwxyz0123', 'API_KEY:ghp_abcdefghijklmnopqrstuvwxyz0123'],
    ['the password is hunter22', 'PASSWORD:hunter22'],
    [
      'wallet 0x52908400098527886E0F7030069857D2E4169EE7',
      'CRYPTO_WALLET:0x52908400098527886E0F7030069857D2E4169EE7',
    ],
    ['account number 78346209K', 'ACCOUNT:78346209K'],
    ['mail jo.doe (at) example dot org', 'EMAIL:jo.doe (at) example dot org'],
    ['send it to de89370400440532013000 today', 'IBAN:de89370400440532013000'],
    ['{"pan": "5018 0000 0009"}', 'CREDIT_CARD:5018 0000 0009'],
    ['<bic>DEUTDEFF500</bic>', 'ACCOUNT:DEUTDEFF500'],
    ['{"birth_date": "1984-03-03"}', 'DATE_OF_BIRTH:1984-03-03'],
    ['生年月日：1984/03/03', 'DATE_OF_BIRTH:1984/03/03'],
    ['Postal code: 42-768', 'POSTAL_CODE:42-768'],
  ];
  for (const [text, expected] of cases) {
    test(`finds ${expected.split(':')[0]} in: ${text}`, () => {
      assert.ok(found(text).includes(expected), found(text).join(' | '));
    });
  }

  const clean = [
    'Order 4471 ships on 3 March.',
    'The meeting is at 10:30 in room 214.',
    'Version 10.4.2 costs 1,299.00 euros.',
    'The card number 4111 1111 1111 1112 is invalid.',
    'See chapter 12-34-56.',
    'npm i pkg@8.15.26.22 && curl/4.2.29.23',
    'id 13ef39f8-3ae3-4653-afe0-f31a772b949e',
  ];
  for (const text of clean) {
    test(`finds nothing in: ${text}`, () => {
      assert.deepEqual(found(text), []);
    });
  }
});

describe('vectors/pii/structured.jsonl', () => {
  const file = path.join(import.meta.dirname, '../../../../vectors/pii/structured.jsonl');
  const rows = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));

  test('every type reaches F1 0.9 with exact offsets, in every country', async () => {
    const { metrics } = await evaluateRows('pii', rows);

    for (const [type, { exactF1 }] of Object.entries(metrics.spans?.types ?? {})) {
      assert.ok(exactF1 >= 0.9, `${type}: ${exactF1}`);
    }
    assert.ok((metrics.spans?.structured?.annotated ?? 0) > 250);
  });

  test('nothing is found in look-alikes', async () => {
    const { metrics } = await evaluateRows('pii', rows);

    assert.equal(metrics.fp, 0);
    assert.ok(metrics.tn > 40);
  });
});
