import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hashWord } from '../../src/linear/hash.ts';
import { compileLexicon } from '../../src/linear/lexicon.ts';

test('every word finds its concept, case does not matter, the first concept keeps a shared word', () => {
  const lexicon = compileLexicon({ one: 'alpha beta', two: 'gamma alpha' });

  assert.deepEqual(
    ['alpha', 'BETA', 'gamma', 'delta'].map((word) => lexicon.lookup(hashWord(word))),
    [1, 1, 2, 0],
  );
});

test('more concepts than a number holds are refused', () => {
  const many = Object.fromEntries(Array.from({ length: 256 }, (_, i) => [`c${i}`, `w${i}`]));
  assert.throws(() => compileLexicon(many), { code: 'EVALS_CONFIG_INVALID' });
});
