import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isLockFile, parseLockFile } from '../../src/dependencies/lock-file.ts';
import { ArtifactError } from '../../src/errors.ts';

test('a lock file is known by its name, in any folder', () => {
  const names = [
    'package-lock.json',
    'a/npm-shrinkwrap.json',
    'uv.lock',
    'poetry.lock',
    'pylock.toml',
    'pylock.dev.toml',
    'requirements.txt',
    'serve/requirements-gpu.txt',
    'dev-requirements.txt',
  ];
  const others = [
    'package.json',
    'Cargo.lock',
    'pyproject.toml',
    'requirements.txt.bak',
    'uv.locks',
  ];

  assert.deepEqual(names.filter(isLockFile), names);
  assert.deepEqual(others.filter(isLockFile), []);
});

test('each name goes to its reader', () => {
  const first = (name: string, text: string): string =>
    parseLockFile(name, text)
      .map((p) => `${p.ecosystem}/${p.name}@${p.version}`)
      .join();

  assert.equal(
    first(
      'x/package-lock.json',
      '{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1.0.0"}}}',
    ),
    'npm/a@1.0.0',
  );
  assert.equal(first('uv.lock', '[[package]]\nname = "a"\nversion = "1"'), 'PyPI/a@1');
  assert.equal(first('poetry.lock', '[[package]]\nname = "b"\nversion = "1"'), 'PyPI/b@1');
  assert.equal(first('pylock.toml', '[[packages]]\nname = "c"\nversion = "1"'), 'PyPI/c@1');
  assert.equal(first('requirements.txt', 'd==1'), 'PyPI/d@1');
});

test('a file of another name is refused, whatever it holds', () => {
  assert.throws(
    () => parseLockFile('lock.json', '{"lockfileVersion":3,"packages":{}}'),
    (error) => error instanceof ArtifactError && error.code === 'ARTIFACT_LOCK_FILE_INVALID',
  );
});
