import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Faithfulness } from '@proofmark/evals';

const context =
  'The council approved the bridge. Sales had increased by May. The older sister won.';
const score = async (output: string): Promise<number> =>
  (await new Faithfulness().evaluate({ context, output })).score;

test('opposites are known in the forms that sentences have them in', async () => {
  for (const [said, opposite] of [
    ['The council approved the bridge.', 'The council rejected the bridge.'],
    ['Sales had increased by May.', 'Sales had decreased by May.'],
    ['The older sister won.', 'The older brother won.'],
  ] as const) {
    assert.ok((await score(opposite)) < (await score(said)) - 0.3, opposite);
  }
});

test('denials are counted in contractions and in verbs', async () => {
  for (const denial of [
    "The council hasn't approved the bridge.",
    'The older sister failed to win.',
  ]) {
    assert.ok((await score(denial)) < 0.5, denial);
  }
});
