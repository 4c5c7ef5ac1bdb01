import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CliError } from '../src/errors.ts';
import { readReceiptFile } from '../src/receipt-file.ts';

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
