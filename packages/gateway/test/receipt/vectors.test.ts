import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';

import { readPublicKey } from '@proofmark/core';

import { GatewayError } from '../../src/errors.ts';
import { parseReceipt } from '../../src/receipt/receipt.ts';
import { verifyReceipt } from '../../src/receipt/verify.ts';

interface Fields {
  readonly receipt: string;
  readonly response: string;
  readonly request: string;
  readonly proof: string;
  readonly nowMs: number;
  readonly receiptKey: string;
  readonly logKey: string;
  readonly origin: string;
}

interface Vectors {
  readonly whole: Fields;
  readonly stream: Fields;
  readonly cases: readonly {
    readonly name: string;
    readonly base: 'whole' | 'stream';
    readonly change: Partial<Fields>;
    readonly expected: string | null;
  }[];
}

const file = new URL('../../../../vectors/receipt/receipts.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors;

function verify(fields: Fields): void {
  verifyReceipt({
    receipt: parseReceipt(Buffer.from(fields.receipt, 'base64')),
    responseBytes: Buffer.from(fields.response, 'base64'),
    requestBytes: Buffer.from(fields.request, 'base64'),
    proof: fields.proof,
    policy: {
      receiptKeys: [readPublicKey(fields.receiptKey)],
      log: { origin: fields.origin, logKey: readPublicKey(fields.logKey) },
    },
    nowMs: fields.nowMs,
  });
}

describe('verifyReceipt() on vectors/receipt/receipts.json', () => {
  for (const { name, base, change, expected } of vectors.cases) {
    test(name, () => {
      const fields = { ...vectors[base], ...change };

      if (expected === null) verify(fields);
      else {
        assert.throws(
          () => {
            verify(fields);
          },
          (error) => error instanceof GatewayError && error.code === expected,
        );
      }
    });
  }
});
