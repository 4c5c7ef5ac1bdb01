import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { ServeError } from '../../src/model-server/errors.ts';
import { loadModelFolder } from '../../src/model-server/model-folder.ts';
import { MODEL_FOLDER, shippedModel } from './shipped-model.ts';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function copy(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'proofmark-model-'));
  folders.push(folder);
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

test('a missing file, a tokenizer larger than the model, a link and broken JSON are refused', () => {
  const missing = copy();
  rmSync(path.join(missing, 'tokenizer.json'));
  const small = copy();
  const config = JSON.parse(readFileSync(path.join(small, 'config.json'), 'utf8')) as object;
  writeFileSync(path.join(small, 'config.json'), JSON.stringify({ ...config, vocab_size: 100 }));

  const link = copy();
  symlinkSync('config.json', path.join(link, 'extra.json'));
  const broken = copy();
  writeFileSync(path.join(broken, 'tokenizer_config.json'), '{');

  for (const folder of [missing, small, link, broken]) {
    assert.throws(
      () => loadModelFolder(folder),
      (e) => e instanceof ServeError && e.code === 'model_invalid',
    );
  }
});

test('files in folders are named by their path', () => {
  const folder = copy();
  mkdirSync(path.join(folder, 'docs'));
  writeFileSync(path.join(folder, 'docs', 'a.txt'), 'a');

  assert.ok('docs/a.txt' in loadModelFolder(folder).modelFiles);
});
