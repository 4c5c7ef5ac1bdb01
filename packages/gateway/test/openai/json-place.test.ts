import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Json } from '@proofmark/core';
import fc from 'fast-check';

import { placeName, textsIn, withText } from '../../src/openai/json-place.ts';

const anyJson = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;

test('every text is found at its place, and replacing it changes that place only', () => {
  fc.assert(
    fc.property(anyJson, (value) => {
      const texts = textsIn(value, [], new Set());
      for (const { place, text } of texts) {
        const changed = withText(value, place, `${text}!`);

        const expected = texts.map((t) => (t.place === place ? `${text}!` : t.text));
        assert.deepEqual(
          textsIn(changed, [], new Set()).map((t) => t.text),
          expected,
        );
      }
    }),
  );
});

test('texts under a skipped key are not found; names are written as OpenAI writes them', () => {
  const value = { role: 'x', content: [{ type: 'text', text: 'hi' }] };

  const [found, ...more] = textsIn(value, ['messages', 1], new Set(['role', 'type']));

  assert.deepEqual(more, []);
  assert.equal(found?.text, 'hi');
  assert.equal(placeName(found.place), 'messages[1].content[0].text');
});
