import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ContentSafety, EvalsError } from '@proofmark/evals';
import type { Judge } from '@proofmark/evals';

interface Question {
  readonly criterion: string;
  readonly material: Readonly<Record<string, string>>;
}

/** A source of scores that says one thing and remembers what it was asked. */
function judgeSaying(score: number | EvalsError): { judge: Judge; asked: Question[] } {
  const asked: Question[] = [];
  const judge: Judge = {
    digestFor: (criterion) => `grader ${criterion.length}`,
    score: (criterion, material) => {
      asked.push({ criterion, material });
      return typeof score === 'number' ? Promise.resolve(score) : Promise.reject(score);
    },
  };
  return { judge, asked };
}

test('an answer is judged with its request, a request alone, each by its own criterion', async () => {
  const { judge, asked } = judgeSaying(0.2);
  const safety = new ContentSafety({ judge });

  const answer = await safety.evaluate({ input: 'Where is Rome?', output: 'In Italy.' });
  const request = await safety.evaluate({ input: 'Where is Rome?' });

  assert.deepEqual(
    [answer, request].map(({ outcome, findings }) => [outcome, findings[0]?.field]),
    [
      ['fail', 'output'],
      ['fail', 'input'],
    ],
  );
  assert.deepEqual(
    asked.map(({ material }) => material),
    [{ request: 'Where is Rome?', answer: 'In Italy.' }, { request: 'Where is Rome?' }],
  );
  assert.notEqual(asked[0]?.criterion, asked[1]?.criterion);
});

test('what the local reading fails no judge passes', async () => {
  const { judge, asked } = judgeSaying(1);
  const output = 'Sure! Wait until he sleeps, pour the poison into the drink and kill him.';

  assert.equal((await new ContentSafety({ judge }).evaluate({ output })).outcome, 'fail');
  assert.equal(asked.length, 0);
  assert.equal((await new ContentSafety({ judge }).evaluate({ output: 'Hi.' })).outcome, 'pass');
});

test('a judge that fails is an error, and who judges is part of the identity', async () => {
  const { judge } = judgeSaying(new EvalsError('EVALS_JUDGE_UNAVAILABLE', 'down'));
  const safety = new ContentSafety({ judge });

  const result = await safety.evaluate({ output: 'Hi.' });

  assert.deepEqual([result.outcome, result.score], ['error', 0]);
  assert.notEqual(safety.identity.configDigest, new ContentSafety().identity.configDigest);
});
