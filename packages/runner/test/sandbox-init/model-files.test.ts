import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { sha256Hex } from '@proofmark/core';

import { hashModelFiles } from '../../src/sandbox-init/model-files.ts';
import { temporaryFolder } from '../fixtures/sandbox.ts';

test('names every file below the folder with its digest', (t) => {
  const folder = temporaryFolder(t);
  const large = 'x'.repeat((1 << 20) + 1);
  mkdirSync(path.join(folder, 'a/b'), { recursive: true });
  writeFileSync(path.join(folder, 'w.bin'), large);
  writeFileSync(path.join(folder, 'a/b/c.json'), '{}');

  assert.deepEqual(hashModelFiles(folder), {
    'w.bin': sha256Hex(large),
    'a/b/c.json': sha256Hex('{}'),
  });
});
