import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFileSync, closeSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { ArtifactError } from '../src/errors.ts';
import { hashDescriptor, hashFile, openFile } from '../src/file-hash.ts';
import { modelFolder } from './model-folder.ts';

test('a file of several chunks hashes as a whole and reports every byte', () => {
  const file = path.join(modelFolder(), 'big.bin');
  const bytes = Buffer.alloc(3 * 1024 * 1024 + 17, 'abc');
  writeFileSync(file, bytes);
  let reported = 0;

  const hashed = hashFile(file, (count) => {
    reported += count;
  });

  assert.deepEqual(hashed, {
    sha256: createHash('sha256').update(bytes).digest('hex'),
    sizeBytes: bytes.length,
  });
  assert.equal(reported, bytes.length);
});

test('a file that grows while it is read is refused', () => {
  const file = path.join(modelFolder(), 'growing.bin');
  writeFileSync(file, Buffer.alloc(2 * 1024 * 1024));
  let grown = false;

  assert.throws(
    () =>
      hashFile(file, () => {
        if (!grown) appendFileSync(file, 'more');
        grown = true;
      }),
    (e) => e instanceof ArtifactError && e.code === 'ARTIFACT_CHANGED',
  );
});

test('the descriptor is hashed from its start, wherever it stands', () => {
  const fd = openFile(path.join(modelFolder(), 'config.json'));

  const [first, second] = [hashDescriptor(fd, 'x'), hashDescriptor(fd, 'x')];
  closeSync(fd);

  assert.deepEqual(first, second);
});

test('a link and a folder are not opened', () => {
  const folder = modelFolder();
  symlinkSync('config.json', path.join(folder, 'link'));

  assert.throws(() => openFile(path.join(folder, 'link')), coded('ARTIFACT_UNREADABLE'));
  assert.throws(() => openFile(folder), coded('ARTIFACT_FILE_KIND_REFUSED'));
});

function coded(code: string): (error: unknown) => boolean {
  return (error) => error instanceof ArtifactError && error.code === code;
}
