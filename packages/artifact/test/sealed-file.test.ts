import assert from 'node:assert/strict';
import { chmodSync, linkSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';

import { sha256Hex } from '@proofmark/core';

import { ArtifactError } from '../src/errors.ts';
import { openSealed, openVerified } from '../src/sealed-file.ts';
import { temporaryFolder } from './temporary-folder.ts';

const CONTENT = 'weights';
const expected = { path: 'w', sizeBytes: CONTENT.length, sha256: sha256Hex(CONTENT) };

function sealedFile(content = CONTENT): string {
  const file = path.join(temporaryFolder(), 'file');
  writeFileSync(file, content, { mode: 0o444 });
  return file;
}

test('a read-only file of ours with one name opens', () => {
  const sealed = openVerified(sealedFile(), expected);

  assert.deepEqual([sealed.sha256, sealed.sizeBytes], [expected.sha256, CONTENT.length]);
  sealed.close();
});

describe('a sealed file is refused before a byte is read', () => {
  const changes: readonly (readonly [string, (file: string) => void])[] = [
    ['when its owner may write', (file) => chmodSync(file, 0o644)],
    ['when anybody may write', (file) => chmodSync(file, 0o446)],
    ['when it has a second name', (file) => linkSync(file, `${file}-2`)],
  ];
  for (const [name, change] of changes) {
    test(name, () => {
      const file = sealedFile();
      change(file);

      assert.throws(() => openSealed(file, expected.sha256), mismatch);
    });
  }

  test('when it is a link, a folder, or nothing', () => {
    const file = sealedFile();
    symlinkSync(file, `${file}-link`);

    for (const other of [`${file}-link`, path.dirname(file), `${file}-none`]) {
      assert.throws(() => openSealed(other, expected.sha256), mismatch);
    }
  });
});

test('bytes or a size that are not those of the name are found by hashing, not by opening', () => {
  const file = sealedFile('Weights');

  openSealed(file, expected.sha256).close();
  assert.throws(() => openVerified(file, expected), mismatch);
  assert.throws(() => openVerified(sealedFile(), { ...expected, sizeBytes: 8 }), mismatch);
});

function mismatch(error: unknown): boolean {
  return error instanceof ArtifactError && error.code === 'ARTIFACT_SEALED_MISMATCH';
}
