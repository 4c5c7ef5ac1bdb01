import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CliError } from '../src/errors.ts';
import { readReceiptFile, readReceiptPolicy, writeReceiptPolicy } from '../src/receipt-file.ts';

const whole = { format: 'proofmark-receipt/1', receipt: {}, proof: 'p', origin: 'o', record: {} };

test('a receipt file reads, and one that is not whole is refused', () => {
  assert.deepEqual(readReceiptFile(JSON.stringify(whole)), {
    receipt: {},
    proof: 'p',
    origin: 'o',
    record: {},
  });
  for (const bad of [
    '',
    '[]',
    '{}',
    'null',
    JSON.stringify({ ...whole, format: 'x' }),
    JSON.stringify({ ...whole, proof: 1 }),
    JSON.stringify({ ...whole, record: undefined }),
  ]) {
    assert.throws(
      () => readReceiptFile(bad),
      (e) => e instanceof CliError && e.code === 'CLI_INPUT_UNREADABLE',
      bad,
    );
  }
});

const policy = { origin: 'o', receiptKeys: ['r'], logKey: 'l', controlKeys: ['c'] };

test('a policy file reads as it was written, and one that names nobody is refused', () => {
  assert.deepEqual(readReceiptPolicy(writeReceiptPolicy(policy)), policy);
  for (const bad of [
    '',
    '[]',
    JSON.stringify(policy),
    writeReceiptPolicy({ ...policy, receiptKeys: [] }),
    writeReceiptPolicy(policy).replace('"l"', '7'),
    writeReceiptPolicy(policy).replace('"o"', '"o", "origin": "p"'),
  ]) {
    assert.throws(
      () => readReceiptPolicy(bad),
      (e) => e instanceof CliError && e.code === 'CLI_INPUT_UNREADABLE',
      bad,
    );
  }
});
