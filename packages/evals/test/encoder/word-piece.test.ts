import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { encoderFolder } from '../../src/encoder/model-folder.ts';
import { createWordPiece } from '../../src/encoder/word-piece.ts';

const vocabulary = readFileSync(path.join(encoderFolder(), 'vocab.txt'), 'utf8');
const pieces = createWordPiece(vocabulary);
const vectors = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../../../../vectors/word-piece/cases.json'), 'utf8'),
) as { readonly cases: readonly { readonly text: string; readonly ids: readonly number[] }[] };

describe('createWordPiece', () => {
  test('reads every vector as the reference tokenizer does', () => {
    for (const { text, ids } of vectors.cases) {
      assert.deepEqual(
        pieces.tokenize(text).map(({ id }) => id),
        ids,
        JSON.stringify(text.slice(0, 60)),
      );
    }
  });

  test('every token stands in order inside the text, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { maxLength: 200 }), (codes) => {
        const text = String.fromCharCode(...codes);
        let last = 0;
        for (const { id, start, end } of pieces.tokenize(text)) {
          assert.ok(id >= 0 && start >= last && end > start && end <= text.length);
          last = start;
        }
      }),
      { numRuns: 40 },
    );
  });

  test('text that spells a mark is ordinary text', () => {
    const ids = pieces.tokenize('[CLS] [SEP]').map(({ id }) => id);

    assert.ok(!ids.includes(pieces.classId) && !ids.includes(pieces.separatorId));
  });

  test('lone surrogates and control characters are not read', () => {
    assert.deepEqual(
      pieces.tokenize('a\ud800b').map(({ id }) => id),
      pieces.tokenize('ab').map(({ id }) => id),
    );
    assert.deepEqual(pieces.tokenize('\ud800\udfff\ud800'.slice(2)), []);
  });

  test('a megabyte without a blank is one unknown token', () => {
    assert.equal(pieces.tokenize('q'.repeat(1_000_000)).length, 1);
  });

  test('a vocabulary without the marks is refused', () => {
    const lines = Array.from({ length: 2_000 }, (_, i) => `w${i}`).join('\n');
    for (const text of ['', 'a\nb', lines]) {
      assert.throws(() => createWordPiece(text), { code: 'EVALS_ENCODER_INVALID' });
    }
  });
});
