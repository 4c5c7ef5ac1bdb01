import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sha256Hex } from '@proofmark/core';
import { PII } from '@proofmark/evals';

import { bindGuardrail } from '../../src/guard/guardrail-binding.ts';
import { answering, inWorld } from '../world.ts';

test('personal data in an answer is redacted, and the receipt is about what was sent', async () => {
  const pii = bindGuardrail(
    { id: 'pii', stage: 'output', action: 'redact' },
    new PII(),
    (text) => ({
      text,
    }),
  );
  await inWorld(
    { model: answering('Write to jane.miller@example.com.'), route: { guardrails: [pii] } },
    async (world) => {
      const answer = await world.chat();

      assert.match(answer.text, /Write to \[REDACTED\]\./);
      await world.issuer.flush();
      const [row] = world.sink.rows.values();
      assert.equal(row?.facts.response?.digest, sha256Hex(answer.bytes));
      assert.equal(row.facts.transformations[0]?.where, 'choices[0].message.content');
      assert.equal(world.ledger[0]?.inputTokens, 5);
      assert.equal(world.ledger[0].outputTokens, 7);
    },
  );
});
