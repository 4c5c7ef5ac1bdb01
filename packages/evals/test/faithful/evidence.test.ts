import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Faithfulness } from '@proofmark/evals';

const support = async (context: string, output: string): Promise<number> =>
  (await new Faithfulness().evaluate({ context, output })).score;

test('numbers are compared by value: separators and words for them do not matter', async () => {
  const context = 'The fair had 1,204 guests and twelve stalls.';

  assert.equal(await support(context, 'The fair had 1204 guests and 12 stalls.'), 1);
  assert.ok((await support(context, 'The fair had 1205 guests and 13 stalls.')) < 0.5);
});

test('a point within a number or a word ends no sentence', async () => {
  const context = 'The pier is 3.5 metres wide and was paid for by e.on in cash.';

  assert.equal(await support(context, context), 1);
});

test('an empty context supports nothing, an empty answer claims nothing', async () => {
  assert.ok((await support('', 'The pier is wide.')) < 0.5);
  assert.equal(await support('The pier is wide.', ''), 1);
});
