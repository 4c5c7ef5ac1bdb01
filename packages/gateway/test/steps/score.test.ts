import assert from 'node:assert/strict';
import { test } from 'node:test';

import { IsHelpful } from '@proofmark/evals';

import { bindScorer } from '../../src/guard/guardrail-binding.ts';
import type { Scorer } from '../../src/guard/guardrail-binding.ts';
import { answering, inWorld, until } from '../world.ts';

const helpful = bindScorer('helpful', new IsHelpful(), ({ input, output }) => ({ input, output }));
const broken: Scorer = {
  id: 'broken',
  evaluator: { id: 'broken', version: '1', configDigest: 'a'.repeat(64) },
  score: () => Promise.reject(new Error('SECRET')),
};

test('answers are scored after they are sent, and the scores are in the span', async () => {
  await inWorld(
    {
      model: answering('Your order left our store on Monday and arrives tomorrow.'),
      route: { scorers: [helpful, broken] },
    },
    async (world) => {
      for (const stream of [false, true]) await world.chat({ stream });
      await until(() => world.spans.length === 2);

      assert.deepEqual(
        world.scores.map(({ scorerId }) => scorerId),
        ['helpful', 'broken', 'helpful', 'broken'],
      );
      assert.equal(world.scores[0]?.result.evaluator.configDigest, helpful.evaluator.configDigest);
      assert.equal(world.scores[0].result.score, world.scores[2]?.result.score);
      assert.equal(world.scores[1]?.result.outcome, 'error');
      const events = world.spans[0]?.events.filter(
        ({ name }) => name === 'gen_ai.evaluation.result',
      );
      assert.equal(events?.length, 2);
      assert.doesNotMatch(JSON.stringify(world.spans), /SECRET|Your order/);
      assert.equal(world.gateway.stats().scoring.scored, 2);
    },
  );
});

test('refusals are not scored', async () => {
  await inWorld({ model: answering('x', 'gpt'), route: { scorers: [helpful] } }, async (world) => {
    await world.chat();
    await until(() => world.spans.length === 1);

    assert.deepEqual(world.scores, []);
  });
});
