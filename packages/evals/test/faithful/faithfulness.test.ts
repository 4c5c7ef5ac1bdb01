import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';

import { evaluateRows, Faithfulness } from '@proofmark/evals';

const context =
  'The museum opened in 1901. It holds two thousand maps and is closed on Mondays. Tickets cost nine euros.';
const evaluate = async (output: string): ReturnType<Faithfulness['evaluate']> =>
  await new Faithfulness().evaluate({ context, output });

describe('Faithfulness', () => {
  test('what the context says passes', async () => {
    assert.equal(
      (await evaluate('The museum opened in 1901 and holds two thousand maps.')).outcome,
      'pass',
    );
  });

  test('invented facts fail and are placed', async () => {
    const output = 'Tickets cost nine euros. The architect Gustav Ember won 14 prizes in Berlin.';

    const result = await evaluate(output);

    assert.equal(result.outcome, 'fail');
    const finding = result.findings.find(({ category }) => category === 'unsupported-fact');
    assert.ok(finding !== undefined && output.slice(finding.start, finding.end).includes('Gustav'));
  });

  test('a supported answer scores above an unsupported one', async () => {
    const good = await evaluate('It is closed on Mondays.');
    const bad = await evaluate('Dogs enjoy swimming in the lake.');

    assert.ok(good.score > bad.score);
  });
});

const file = path.join(import.meta.dirname, '../../../../vectors/faithfulness/questions.jsonl');

test('vectors/faithfulness: answers that a document does not support are told from those it does', async () => {
  const rows = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));

  const { metrics } = await evaluateRows('faithfulness', rows);

  assert.equal(metrics.errors, 0);
  assert.ok(metrics.recall >= 0.85, `recall ${metrics.recall}`);
  assert.ok(metrics.fpr <= 0.1, `false alarms ${metrics.fpr}`);
});
