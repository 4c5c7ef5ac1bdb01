import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  truncateSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';

import {
  ENCODER_DIGEST,
  encoderFolder,
  readEncoderFolder,
} from '../../src/encoder/model-folder.ts';

const root = mkdtempSync(path.join(tmpdir(), 'encoder-folder-'));
after(() => rmSync(root, { recursive: true }));

function copyWith(change: (folder: string) => void): string {
  const folder = mkdtempSync(path.join(root, 'copy-'));
  for (const name of readdirSync(encoderFolder())) {
    if (/\.(?:onnx|txt|json)$/.test(name))
      copyFileSync(path.join(encoderFolder(), name), path.join(folder, name));
  }
  change(folder);
  return folder;
}

describe('readEncoderFolder', () => {
  test('reads the shipped folder', async () => {
    const files = await readEncoderFolder(encoderFolder());

    assert.ok(files.model.length > 1_000_000);
    assert.match(ENCODER_DIGEST, /^[0-9a-f]{64}$/);
  });

  test('a file that grew, shrank or is gone is refused by name', async () => {
    const folders = [
      copyWith((folder) => appendFileSync(path.join(folder, 'joint.json'), ' ')),
      copyWith((folder) => truncateSync(path.join(folder, 'model.onnx'), 1_000)),
      copyWith((folder) => rmSync(path.join(folder, 'vocab.txt'))),
    ];

    for (const [at, name] of ['joint.json', 'model.onnx', 'vocab.txt'].entries()) {
      await assert.rejects(
        readEncoderFolder(folders[at] ?? ''),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'EVALS_ENCODER_INVALID');
          assert.match(error.message, new RegExp(name));
          return true;
        },
      );
    }
  });
});
