import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { createDataFolder, openDataFolder } from '../src/data-folder.ts';
import { CliError } from '../src/errors.ts';

const parent = (): string => mkdtempSync(path.join(tmpdir(), 'proofmark-data-'));

test('a new folder is closed to other users, and opens again', () => {
  const root = path.join(parent(), 'data');

  const made = createDataFolder(root);

  assert.equal(statSync(made.root).mode & 0o777, 0o700);
  assert.equal(statSync(made.sealed).mode & 0o777, 0o700);
  assert.deepEqual(openDataFolder(root), made);
  assert.deepEqual(createDataFolder(root), made);
});

test('a folder that is missing, a file, or open to others is refused', () => {
  const root = parent();
  const file = path.join(root, 'file');
  writeFileSync(file, '');
  const open = path.join(root, 'open');
  createDataFolder(open);
  chmodSync(open, 0o755);

  for (const bad of [path.join(root, 'none'), file, open]) {
    assert.throws(
      () => openDataFolder(bad),
      (e) => e instanceof CliError && e.code === 'CLI_DATA_FOLDER',
    );
  }
});
