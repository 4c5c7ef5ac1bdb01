import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Faithfulness } from '@proofmark/evals';

const context =
  'The ferry to Adrin leaves at 9 and carries 120 cars. Prices rose in May after the new pier had opened. Dogs are not admitted on deck. Will it sail at night?';
const evaluator = new Faithfulness();
const categories = async (output: string): Promise<readonly string[]> =>
  (await evaluator.evaluate({ context, output })).findings.map(({ category }) => category);

describe('weighClaim()', () => {
  test('numbers and names must be in the context, however they are written', async () => {
    assert.deepEqual(await categories('The ferry to Adrin leaves at nine.'), []);
    assert.deepEqual(await categories('The ferry to Adrin leaves at 11 and carries 90 cars.'), [
      'unsupported-fact',
    ]);
  });

  test('a denial that the context does not make is a contradiction', async () => {
    assert.deepEqual(await categories('The ferry to Adrin never carries 120 cars.'), [
      'contradiction',
    ]);
    assert.deepEqual(await categories('Dogs are not admitted on deck.'), []);
  });

  test('so is the opposite of what it says', async () => {
    const score = async (output: string): Promise<number> =>
      (await evaluator.evaluate({ context, output })).score;
    assert.ok((await score('Prices fell in May.')) < (await score('Prices rose in May.')) - 0.2);
  });

  test('a question in the context is no evidence', async () => {
    assert.deepEqual(await categories('It will sail at night.'), ['unsupported']);
  });

  test('each unsupported sentence is placed', async () => {
    const output = 'Dogs are not admitted on deck. Tomas Verrin designed the engines in Oslo.';

    const { findings } = await evaluator.evaluate({ context, output });

    assert.equal(findings.length, 1);
    assert.match(output.slice(findings[0]?.start, findings[0]?.end), /^ Tomas.*Oslo\.$/);
  });
});
