import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inspect, rules } from '../outcome.ts';
import { bytes } from '../pickle-bytes.ts';

const floats = Buffer.from(Float32Array.of(0.5, -1.25).buffer);
const vectors = (end: string): Buffer => bytes('2 2\n', 'cat ', floats, end, 'dog ', floats, end);

test('word vectors of either writer are clean, whatever their name', () => {
  for (const name of ['w2v.bin', 'w2v.w2v', 'vectors']) {
    assert.equal(rules(name, vectors('')), '', name);
    assert.equal(rules(name, vectors('\n')), '', name);
    assert.equal(inspect(name, vectors('')).format, 'word2vec');
  }
});

test('M-1 word vectors that end early, go on, or have no word are incomplete', () => {
  const wide = bytes('1 2\n', 'x'.repeat(5000), ' ', floats);

  assert.equal(rules('w.bin', bytes(vectors(''), 'cos\nsystem\n')), 'M-1');
  assert.equal(rules('w.bin', wide), 'M-1');
  assert.notEqual(rules('w.bin', vectors('').subarray(0, -1)), '');
  assert.notEqual(rules('w.bin', bytes('0 2\n', floats)), '');
});
