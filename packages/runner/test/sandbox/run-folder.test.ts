import assert from 'node:assert/strict';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';

import { createRunFolder } from '../../src/sandbox/run-folder.ts';

describe('createRunFolder()', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'run-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test('keeps other users out and gives the sandbox only its own folder', () => {
    const folder = createRunFolder(root);

    assert.equal(statSync(root).mode & 0o777, 0o700);
    assert.equal(statSync(folder.inFolder).uid, folder.identity.uid);
    assert.equal(statSync(folder.inFolder).mode & 0o777, 0o700);
    assert.equal(statSync(folder.outFolder).uid, statSync(root).uid);
    folder.release();
  });

  test('content is readable through its descriptor and has no name', () => {
    const folder = createRunFolder(root);
    const fd = folder.content('plan');

    assert.equal(readFileSync(fd, 'utf8'), 'plan');
    assert.deepEqual(readdirSync(path.dirname(folder.inFolder)).toSorted(), ['in', 'out']);
    closeSync(fd);
    folder.release();
  });

  test('release leaves neither folder nor claim', () => {
    const folder = createRunFolder(root);

    folder.release();

    assert.deepEqual(readdirSync(path.join(root, 'sandboxes')), []);
    if (existsSync(path.join(root, 'claims'))) {
      assert.deepEqual(readdirSync(path.join(root, 'claims')), []);
    }
  });

  test('sweeps what a killed supervisor left, and nothing of a living one', () => {
    const living = createRunFolder(root);
    mkdirSync(path.join(root, 'sandboxes', '1073741823-dead', 'in'), { recursive: true });

    const folder = createRunFolder(root);

    assert.deepEqual(
      readdirSync(path.join(root, 'sandboxes')).toSorted(),
      [living.id, folder.id].toSorted(),
    );
    living.release();
    folder.release();
  });
});
