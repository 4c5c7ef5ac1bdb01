import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { IsHelpful } from '@proofmark/evals';

const outcome = async (input: string, output: string): Promise<string> =>
  (await new IsHelpful().evaluate({ input, output })).outcome;

describe('IsHelpful', () => {
  test('an answer on the subject passes', async () => {
    assert.equal(
      await outcome(
        'How do I return my shoes?',
        'You can return the shoes within 30 days with the label in the box.',
      ),
      'pass',
    );
  });

  test('refusals, nothing, echoes and loops fail', async () => {
    const input = 'How do I return my shoes?';
    for (const output of [
      "I'm sorry, but I can't help with that.",
      '',
      'How do I return my shoes?',
      'Please wait a moment now. '.repeat(20),
    ]) {
      assert.equal(await outcome(input, output), 'fail', output);
    }
  });

  test('wrong input is an error', async () => {
    assert.equal((await new IsHelpful().evaluate({ input: 'x' } as never)).outcome, 'error');
  });
});
