import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { matches } from '../../src/text/bounded-match.ts';

test('a match is a match, whichever way it is made', () => {
  const patterns = [/b/iu, /a+b/iu, /(?:ab|b)+a/iu, /^a*b*$/iu, /a{2,}b/iu];
  fc.assert(
    fc.property(
      fc.constantFrom(...patterns),
      fc.string({ unit: fc.constantFrom('a', 'b', ' ') }),
      (pattern, text) => {
        assert.equal(matches(pattern, text), pattern.test(text));
      },
    ),
    { numRuns: 40 },
  );
  assert.ok(matches(/needle$/iu, `${'hay '.repeat(100_000)}needle`));
});

for (const [name, pattern, text] of [
  ['overlapping alternatives', /^(?:a|b|ab)*c/u, 'ab'.repeat(60)],
  ['gaps after gaps', /a.*a.*a.*b$/u, 'a'.repeat(20_000)],
  ['a bounded repetition of a group', /^(?:a|a?){2,60}c/u, 'a'.repeat(60)],
] as const) {
  test(`${name}: ended, and said`, () => {
    assert.throws(() => matches(pattern, text, 30), { code: 'EVALS_TIMEOUT' });
    assert.equal(matches(/a/u, text), true, 'the next match is not the worse for it');
  });
}
