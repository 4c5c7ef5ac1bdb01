import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { ArtifactError } from '../src/errors.ts';
import { listFolder, walkFolder } from '../src/walk.ts';
import { modelFolder } from './model-folder.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('files are listed in manifest order with sizes; git files at the top level are left out', () => {
  const folder = modelFolder({
    'b.bin': 'xx',
    'a/c': 'y',
    '.gitignore': '',
    '.git/config': '',
    'sub/.git/config': 'kept',
    'model.sig': 's',
  });

  const found = walkFolder(folder, { ignore: ['model.sig'] });

  assert.deepEqual(
    found.map(({ path, sizeBytes }) => [path, sizeBytes]),
    [
      ['a/c', 1],
      ['b.bin', 2],
      ['sub/.git/config', 4],
    ],
  );
});

test('a symbolic link, to a file or a folder, is refused', () => {
  for (const target of ['/etc/hostname', '.', 'missing']) {
    const folder = modelFolder();
    symlinkSync(target, path.join(folder, 'link'));

    assert.throws(() => walkFolder(folder), coded('ARTIFACT_FILE_KIND_REFUSED'));
  }
});

test('a named pipe is refused and never opened', () => {
  const folder = modelFolder();
  execFileSync('mkfifo', [path.join(folder, 'pipe')]);

  assert.throws(() => walkFolder(folder), coded('ARTIFACT_FILE_KIND_REFUSED'));
});

test('a Hugging Face snapshot resolves into its own blobs and nowhere else', () => {
  const root = realpathSync(temporaryFolder());
  const snapshot = path.join(root, 'snapshots', 'abc');
  mkdirSync(snapshot, { recursive: true });
  mkdirSync(path.join(root, 'blobs'));
  writeFileSync(path.join(root, 'blobs', 'digest'), 'weights');
  symlinkSync('../../blobs/digest', path.join(snapshot, 'model.bin'));

  assert.throws(() => walkFolder(snapshot), coded('ARTIFACT_FILE_KIND_REFUSED'));
  assert.deepEqual(walkFolder(snapshot, { symlinks: 'huggingface' }), [
    { path: 'model.bin', absolute: path.join(root, 'blobs', 'digest'), sizeBytes: 7 },
  ]);
  symlinkSync('/etc/hostname', path.join(snapshot, 'stolen'));
  assert.throws(
    () => walkFolder(snapshot, { symlinks: 'huggingface' }),
    coded('ARTIFACT_FILE_KIND_REFUSED'),
  );
});

test('a name that is not UTF-8 is refused', () => {
  const folder = modelFolder();
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0xfe])]), 'x');

  assert.throws(() => walkFolder(folder), coded('ARTIFACT_UNREADABLE'));
});

test('a file with a second name is refused unless hard links are allowed', () => {
  const folder = modelFolder({ 'a.bin': 'x' });
  linkSync(path.join(folder, 'a.bin'), path.join(temporaryFolder(), 'elsewhere'));

  assert.throws(() => walkFolder(folder), coded('ARTIFACT_FILE_KIND_REFUSED'));
  assert.equal(walkFolder(folder, { hardLinks: 'allow' }).length, 1);
});

test('a path that is ignored is left out where it was named and nowhere else', () => {
  const folder = modelFolder({ 'sub/note': 'a', note: 'b', 'other/sub/note': 'c' });

  assert.deepEqual(
    walkFolder(folder, { ignore: ['sub/note'] }).map((file) => file.path),
    ['note', 'other/sub/note'],
  );
});

test('what is to be kept is taken, also below a name that is left out', () => {
  const folder = modelFolder({ '.git/HEAD': 'a', '.gitignore': 'b', 'model.sig': 'c', x: 'd' });

  assert.deepEqual(
    walkFolder(folder, { ignore: ['model.sig'], keep: ['.git/HEAD', 'model.sig'] }).map(
      (file) => file.path,
    ),
    ['.git/HEAD', 'model.sig', 'x'],
  );
});

test('a listing names everything that was refused, in path order', () => {
  const folder = modelFolder();
  symlinkSync('config.json', path.join(folder, 'z-link'));
  execFileSync('mkfifo', [path.join(folder, 'pipe')]);

  const { files, refused } = listFolder(folder);

  assert.equal(files.length, 4);
  assert.deepEqual(refused, [
    { path: 'pipe', kind: 'special' },
    { path: 'z-link', kind: 'symlink' },
  ]);
});

test('folders deeper than the bound are refused', () => {
  const folder = modelFolder({ [`${'d/'.repeat(66)}f`]: 'x' });

  assert.throws(() => walkFolder(folder), coded('ARTIFACT_TOO_LARGE'));
});

test('a folder that is not there says so', () => {
  assert.throws(() => walkFolder('/nonexistent'), coded('ARTIFACT_UNREADABLE'));
});

function coded(code: string): (error: unknown) => boolean {
  return (error) => error instanceof ArtifactError && error.code === code;
}
