import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PII } from '@proofmark/evals';
import { isAttributed, isLlmSpan } from '@proofmark/trace';

import { bindGuardrail } from '../../src/guard/guardrail-binding.ts';
import { answering, inWorld } from '../world.ts';

test('the span names version, digest, receipt and guardrails, joins the trace, and holds no content', async () => {
  const pii = bindGuardrail({ id: 'pii', stage: 'input', action: 'flag' }, new PII(), (text) => ({
    text,
  }));
  const traceparent = `00-${'4'.repeat(32)}-${'5'.repeat(16)}-01`;
  await inWorld(
    { model: answering('Hello there.'), route: { guardrails: [pii] } },
    async (world) => {
      const answer = await world.chat(
        { messages: [{ role: 'user', content: 'My mail is jane.miller@example.com' }] },
        { traceparent },
      );

      const [span] = world.spans;
      assert.ok(span && isLlmSpan(span) && isAttributed(span));
      assert.equal(span.traceId, '4'.repeat(32));
      assert.equal(span.parentSpanId, '5'.repeat(16));
      assert.equal(span.attributes['deploy.artifact.digest'], 'a'.repeat(64));
      assert.equal(span.attributes['proofmark.receipt.id'], answer.headers['x-proofmark-receipt']);
      assert.equal(span.attributes['gen_ai.usage.output_tokens'], 7);
      const [event] = span.events;
      assert.equal(event?.attributes['gen_ai.guardrail.verdict.type'], 'deny');
      assert.equal(event.attributes['gen_ai.guardrail.action.type'], 'flag');
      assert.doesNotMatch(JSON.stringify(span), /jane|Hello/);
    },
  );
});

test('a request of a known tenant without a route is a span that claims no model; a stranger leaves none', async () => {
  await inWorld({ model: answering('x') }, async (world) => {
    await world.chat({ model: 'other' });
    await world.send('POST', '/v1/chat/completions', { body: world.chatBody(), key: 'wrong' });

    assert.equal(world.spans.length, 1);
    assert.equal(world.spans[0] && isLlmSpan(world.spans[0]), false);
    assert.equal(world.spans[0]?.status.message, 'GATEWAY_MODEL_NOT_FOUND');
    assert.equal(world.ledger.length, 1);
  });
});
