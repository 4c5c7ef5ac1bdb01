import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hashWord } from '../../src/linear/hash.ts';
import { readWordClusters } from '../../src/linear/word-clusters.ts';
import { shippedClusters } from '../../src/linear/weights-store.ts';

function tableOf(
  words: readonly (readonly [string, number, number])[],
  count = words.length,
): Uint8Array {
  const body = Buffer.alloc(words.length * 8);
  words.forEach(([word, fine, coarse], i) => {
    body.writeInt32LE(hashWord(word), i * 8);
    body.writeUInt16LE(fine, i * 8 + 4);
    body.writeUInt16LE(coarse, i * 8 + 6);
  });
  return Buffer.concat([Buffer.from(`{"format":"proofmark-words/1","words":${count}}\n`), body]);
}

test('a word finds its fine and coarse cluster, an unknown one finds none', () => {
  const clusters = readWordClusters(
    tableOf([
      ['steal', 7, 2],
      ['shoplift', 7, 2],
      ['rome', 9, 3],
    ]),
  );

  assert.equal(clusters.lookup(hashWord('steal')), (7 << 16) | 2);
  assert.equal(clusters.lookup(hashWord('steal')), clusters.lookup(hashWord('shoplift')));
  assert.equal(clusters.lookup(hashWord('unknown')), 0);
});

test('a table that is not what it says is refused', () => {
  for (const bytes of [
    new Uint8Array(0),
    tableOf([['a', 1, 1]], 2),
    Buffer.from('{"format":"x","words":0}\n'),
  ]) {
    assert.throws(() => readWordClusters(bytes), { code: 'EVALS_WEIGHTS_INVALID' });
  }
});

test('the shipped table knows that theft and shoplifting are alike', () => {
  const clusters = shippedClusters();

  assert.notEqual(clusters.lookup(hashWord('theft')), 0);
});
