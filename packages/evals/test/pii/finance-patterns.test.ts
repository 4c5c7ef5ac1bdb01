import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { PII } from '@proofmark/evals';

const found = (text: string): readonly string[] =>
  new PII({ types: ['IBAN', 'CREDIT_CARD', 'CRYPTO_WALLET'] })
    .find(text)
    .map(({ type, start, end }) => `${type} ${text.slice(start, end)}`);

describe('FINANCE_PATTERNS', () => {
  test('an IBAN ends where its country says, whatever word follows', () => {
    assert.deepEqual(found('Pay DE89370400440532013000 TODAY'), ['IBAN DE89370400440532013000']);
    assert.deepEqual(found('to GB29 NWBK 6016 1331 9268 19 or'), [
      'IBAN GB29 NWBK 6016 1331 9268 19',
    ]);
  });

  test('a wrong check digit is no IBAN unless the text calls it one', () => {
    assert.deepEqual(found('Pay DE88370400440532013000 now'), []);
    assert.deepEqual(found('IBAN: DE88370400440532013000'), ['IBAN DE88370400440532013000']);
  });

  test('cards pass Luhn or are announced; part of a longer number is none', () => {
    assert.deepEqual(found('4539-1488-0343-6467'), ['CREDIT_CARD 4539-1488-0343-6467']);
    assert.deepEqual(found('4539-1488-0343-6468'), []);
    assert.deepEqual(found('her credit card 4539-1488-0343-6468'), [
      'CREDIT_CARD 4539-1488-0343-6468',
    ]);
    assert.deepEqual(found('45391488034364671234567'), []);
  });

  test('wallets mix digits and cases; digests and words do not', () => {
    const wallet = '1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2';
    assert.deepEqual(found(`send to ${wallet}`), [`CRYPTO_WALLET ${wallet}`]);
    assert.deepEqual(found('3b1f0c2d4e5a697887969504132f4e5d'), []);
  });
});
