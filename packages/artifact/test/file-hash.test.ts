import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  existsSync,
  realpathSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { ArtifactError } from '../src/errors.ts';
import {
  hashDescriptor,
  hashDescriptorAhead,
  hashFile,
  openFile,
  openWalked,
} from '../src/file-hash.ts';
import { walkFolder } from '../src/walk.ts';
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

test('reading ahead gives the digest and the progress that reading in step gives', async () => {
  const MIB = 1024 * 1024;
  const bytes = randomBytes(9 * MIB + 17);
  for (const sizeBytes of [0, 1, MIB, 3 * MIB + 17, 4 * MIB, 5 * MIB, bytes.length]) {
    const file = path.join(modelFolder(), 'big.bin');
    writeFileSync(file, bytes.subarray(0, sizeBytes));
    const fd = openFile(file);
    let reported = 0;

    const hashed = await hashDescriptorAhead(fd, 'big.bin', (count) => {
      reported += count;
    });
    closeSync(fd);

    assert.deepEqual(hashed, hashFile(file));
    assert.equal(reported, sizeBytes);
  }
});

test('a file that grows while it is read ahead is refused', async () => {
  const file = path.join(modelFolder(), 'growing.bin');
  writeFileSync(file, Buffer.alloc(2 * 1024 * 1024));
  const fd = openFile(file);
  let grown = false;

  await assert.rejects(
    hashDescriptorAhead(fd, 'growing.bin', () => {
      if (!grown) appendFileSync(file, 'more');
      grown = true;
    }),
    coded('ARTIFACT_CHANGED'),
  );
  closeSync(fd);
});

test('a listener that throws ends reading ahead with nothing left to read', async () => {
  const file = path.join(modelFolder(), 'big.bin');
  writeFileSync(file, Buffer.alloc(8 * 1024 * 1024));
  const fd = openFile(file);

  await assert.rejects(
    hashDescriptorAhead(fd, 'big.bin', () => {
      throw new Error('enough');
    }),
    /enough/,
  );
  closeSync(fd); // a read that is still on its way would now fail the process
  await new Promise((resolve) => setImmediate(resolve));
});

test(
  'a folder that became a link after the walk is noticed when the file is opened',
  { skip: existsSync('/proc/self/fd') ? false : 'skipped: no /proc/self/fd on this system' },
  () => {
    const folder = realpathSync(modelFolder());
    const [, , walked] = walkFolder(folder);
    assert.equal(walked?.path, 'weights/part-1.bin');
    closeSync(openWalked(walked.absolute));

    renameSync(path.join(folder, 'weights'), path.join(folder, 'aside'));
    symlinkSync('aside', path.join(folder, 'weights'));

    assert.throws(() => openWalked(walked.absolute), coded('ARTIFACT_CHANGED'));
  },
);

test('a link and a folder are not opened', () => {
  const folder = modelFolder();
  symlinkSync('config.json', path.join(folder, 'link'));

  assert.throws(() => openFile(path.join(folder, 'link')), coded('ARTIFACT_UNREADABLE'));
  assert.throws(() => openFile(folder), coded('ARTIFACT_FILE_KIND_REFUSED'));
});

function coded(code: string): (error: unknown) => boolean {
  return (error) => error instanceof ArtifactError && error.code === code;
}
