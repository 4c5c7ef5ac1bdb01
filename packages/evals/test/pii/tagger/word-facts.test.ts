import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hashWord } from '../../../src/linear/hash.ts';
import { tokenise } from '../../../src/pii/tagger/tokens.ts';
import { listKey, lookUp } from '../../../src/pii/tagger/word-facts.ts';
import type { WordFacts } from '../../../src/pii/tagger/word-facts.ts';

const lists = {
  given: new Set([listKey(hashWord('ada'))]),
  last: new Set<number>(),
  place: new Set<number>(),
  common: new Set([listKey(hashWord('the'))]),
};
const facts = (text: string): readonly WordFacts[] =>
  lookUp(tokenise(text), lists).map((token) => token.facts);

test('case changes the shape of a word and nothing else', () => {
  const [capital, small] = facts('Ada ada');

  assert.deepEqual({ ...capital, shape: 0 }, { ...small, shape: 0 });
  assert.notEqual(capital?.shape, small?.shape);
});

test('each list has a bit of its own', () => {
  assert.deepEqual(
    facts('Ada the lamp').map(({ listed }) => listed),
    [1, 8, 0],
  );
});

test('beginnings and endings stop at the ends of short words', () => {
  assert.deepEqual(
    facts('ab lamps').map(({ heads, tails }) => [heads.length, tails.length]),
    [
      [2, 2],
      [4, 4],
    ],
  );
});
