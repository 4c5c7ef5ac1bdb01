import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { MAX_TAG_FEATURES, TAG_BITS, tagFeatures } from '../../../src/pii/tagger/tag-features.ts';
import { tokenise } from '../../../src/pii/tagger/tokens.ts';
import { lookUp } from '../../../src/pii/tagger/word-facts.ts';

const none = new Set<number>();
const lists = { given: none, last: none, place: none, common: none };
const features = (text: string, at: number): readonly number[] => {
  const out = new Int32Array(MAX_TAG_FEATURES);
  const count = tagFeatures(lookUp(tokenise(text), lists), at, out);
  return Array.from(out.subarray(0, count));
};

test('rows lie inside the table and fit the buffer, for any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), (text) => {
      for (let at = 0; at < tokenise(text).length; at += 1) {
        const rows = features(text, at);
        assert.ok(rows.length > 0 && rows.length <= MAX_TAG_FEATURES);
        assert.ok(rows.every((row) => row >= 0 && row < 2 ** TAG_BITS));
      }
    }),
  );
});

test('what stands more than three tokens away does not matter, what stands near does', () => {
  const sentence = 'one two three Ada five six seven';

  assert.deepEqual(
    features(`zero ${sentence} eight`, 4).slice(1),
    features(`0 ${sentence} 8`, 4).slice(1),
  );
  assert.notDeepEqual(features('call Ada now', 1), features('call Ada later', 1));
});
