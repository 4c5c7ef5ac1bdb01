import assert from 'node:assert/strict';
import { test } from 'node:test';

import { canonicalJson } from '@proofmark/core';
import fc from 'fast-check';

import { receiptPayload } from '../../src/receipt/statement.ts';
import { anyFacts, receiptFacts } from './facts.ts';

test('the payload is canonical JSON for every receipt', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const payload = receiptPayload(facts);

      assert.equal(payload, canonicalJson(JSON.parse(payload)));
    }),
  );
});

test('the subject is the response, or the request when no response was ever known', () => {
  const known = JSON.parse(receiptPayload(receiptFacts())) as { subject: unknown };
  const unknown = JSON.parse(
    receiptPayload(receiptFacts({ outcome: 'unknown', response: null })),
  ) as { subject: unknown };

  const name = receiptFacts().id;
  assert.deepEqual(known.subject, [{ name, digest: { sha256: '6'.repeat(64) } }]);
  assert.deepEqual(unknown.subject, [{ name, digest: { request: '5'.repeat(64) } }]);
});
