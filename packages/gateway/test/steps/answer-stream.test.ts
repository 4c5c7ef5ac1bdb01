import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PII } from '@proofmark/evals';

import { bindGuardrail } from '../../src/guard/guardrail-binding.ts';
import { answering, beginStream, chunk, inWorld, streamedText } from '../world.ts';
import type { Model } from '../world.ts';

const pii = (action: 'block' | 'redact') =>
  bindGuardrail({ id: 'pii', stage: 'output', action }, new PII(), (text) => ({ text }));
const SECRET_TEXT = `${'All good so far, and nothing to hide here. '.repeat(12)}Write to jane.miller@example.com now.`;

test('personal data in a stream is redacted although it is cut over many events', async () => {
  await inWorld(
    { model: answering(SECRET_TEXT), route: { guardrails: [pii('redact')] } },
    async (world) => {
      const answer = await world.chat({ stream: true });

      assert.equal(
        streamedText(answer.text),
        SECRET_TEXT.replace('jane.miller@example.com', '[REDACTED]'),
      );
      assert.match(answer.text, /data: \[DONE\]/);
      await world.issuer.flush();
      const [row] = world.sink.rows.values();
      assert.deepEqual(row?.facts.transformations, [
        { guardrail: 'pii', kind: 'redact', where: 'choices[0].content' },
      ]);
    },
  );
});

test('a blocked stream ends with an error event, without [DONE] and without the blocked text', async () => {
  await inWorld(
    { model: answering(SECRET_TEXT), route: { guardrails: [pii('block')] } },
    async (world) => {
      const answer = await world.chat({ stream: true });

      assert.equal(answer.status, 200);
      assert.ok(streamedText(answer.text).startsWith('All good'));
      assert.doesNotMatch(answer.text, /\[DONE\]|jane|example\.com/);
      assert.match(answer.text, /event: error\ndata: .*"type":"guardrail_blocked"/);
      assert.equal(world.ledger[0]?.outcome, 'blocked');
    },
  );
});

test('what is blocked before the first event is an ordinary error answer', async () => {
  await inWorld(
    {
      model: answering('Write to jane.miller@example.com.'),
      route: { guardrails: [pii('block')] },
    },
    async (world) => {
      const answer = await world.chat({ stream: true });

      assert.equal(answer.status, 400);
      assert.match(String(answer.headers['x-proofmark-receipt']), /^rcpt_/);
    },
  );
});

const endings: readonly [name: string, model: Model][] = [
  [
    'breaks off',
    (_body, { response }) => {
      beginStream(response);
      response.write(chunk({ content: 'Your' }), () => response.destroy());
    },
  ],
  [
    'ends without [DONE]',
    (_body, { response }) => {
      beginStream(response);
      response.end(chunk({ content: 'Your' }, 'stop'));
    },
  ],
  [
    'reports an error inside the stream',
    (_body, { response }) => {
      beginStream(response);
      response.end(`${chunk({ content: 'Your' })}data: {"error":{"message":"SECRET"}}\n\n`);
    },
  ],
  [
    'changes its model in the middle',
    (_body, { response }) => {
      beginStream(response);
      response.end(
        `${chunk({ content: 'Your' })}${chunk({ content: 'x' }, null, 'gpt')}data: [DONE]\n\n`,
      );
    },
  ],
];

for (const [name, model] of endings) {
  test(`a model that ${name} never looks like a complete answer`, async () => {
    await inWorld({ model }, async (world) => {
      const answer = await world.chat({ stream: true });

      assert.equal(streamedText(answer.text), 'Your');
      assert.match(answer.text, /event: error/);
      assert.doesNotMatch(answer.text, /\[DONE\]|SECRET/);
      assert.equal(world.ledger[0]?.outcome, 'failed');
      await world.issuer.flush();
      assert.equal([...world.sink.rows.values()][0]?.facts.outcome, 'failed');
    });
  });
}

test('a stream without any text is a complete answer', async () => {
  const model: Model = (_body, { response }) => {
    beginStream(response);
    response.end('data: [DONE]\n\n');
  };
  await inWorld({ model }, async (world) => {
    const answer = await world.chat({ stream: true });

    assert.match(answer.text, /^data: \[DONE\]\n\n: proofmark-receipt rcpt_/);
  });
});
