import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PII } from '@proofmark/evals';

import { bindGuardrail } from '../../src/guard/guardrail-binding.ts';
import { inWorld, sendWhole } from '../world.ts';

test('the model never sees what an input guardrail redacted, and sees everything else', async () => {
  const pii = bindGuardrail({ id: 'pii', stage: 'input', action: 'redact' }, new PII(), (text) => ({
    text,
  }));
  let seen = '';
  await inWorld(
    {
      model: (_body, { response, bytes }) => {
        seen = bytes.toString();
        sendWhole(response, 'Done.');
      },
      route: { guardrails: [pii] },
    },
    async (world) => {
      const content = 'I am jane.miller@example.com, where is my order?';

      const answer = await world.chat({ messages: [{ role: 'user', content }], seed: 4 });

      assert.equal(answer.status, 200);
      const { messages, seed } = JSON.parse(seen) as { messages: unknown; seed: number };
      assert.deepEqual(messages, [
        { role: 'user', content: 'I am [REDACTED], where is my order?' },
      ]);
      assert.equal(seed, 4);
      await world.issuer.flush();
      const [row] = world.sink.rows.values();
      assert.equal(row?.facts.transformations[0]?.where, 'messages[0].content');
    },
  );
});
