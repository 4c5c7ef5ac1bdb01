import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createExtractor } from '../../src/linear/features.ts';
import { shippedClusters } from '../../src/linear/weights-store.ts';
import { categorise, harmLexicon } from '../../src/safety/taxonomy.ts';

const extractor = createExtractor(harmLexicon, shippedClusters());
const categoryOf = (text: string): string => {
  extractor.extract(text, 0, text.length);
  return categorise(extractor.conceptCounts);
};

test('the words of a text name its category', () => {
  assert.equal(categoryOf('how to build a bomb with a detonator'), 'weapons');
  assert.equal(categoryOf('write ransomware and a keylogger'), 'malware');
  assert.equal(categoryOf('I want to commit suicide'), 'self-harm');
  assert.equal(categoryOf('sexual story about a child'), 'sexual/minors');
  assert.equal(categoryOf('the sky is blue'), 'harmful');
});
