import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { ServeError } from '../../src/model-server/errors.ts';
import { loadModelFolder } from '../../src/model-server/model-folder.ts';
import { MODEL_FOLDER, shippedModel } from './shipped-model.ts';

function copy(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'proofmark-model-'));
  cpSync(MODEL_FOLDER, folder, { recursive: true });
  return folder;
}

test('every file is reported by the digest of the bytes that were read', () => {
  const { modelFiles } = shippedModel();

  assert.deepEqual(Object.keys(modelFiles).toSorted(), readdirSync(MODEL_FOLDER).toSorted());
  for (const [name, digest] of Object.entries(modelFiles)) {
    const bytes = readFileSync(path.join(MODEL_FOLDER, name));
    assert.equal(digest, createHash('sha256').update(bytes).digest('hex'), name);
  }
});

test('a missing file and a tokenizer larger than the model are refused', () => {
  const missing = copy();
  rmSync(path.join(missing, 'tokenizer.json'));
  const small = copy();
  const config = JSON.parse(readFileSync(path.join(small, 'config.json'), 'utf8')) as object;
  writeFileSync(path.join(small, 'config.json'), JSON.stringify({ ...config, vocab_size: 100 }));

  for (const folder of [missing, small]) {
    assert.throws(
      () => loadModelFolder(folder),
      (e) => e instanceof ServeError && e.code === 'model_invalid',
    );
  }
});
