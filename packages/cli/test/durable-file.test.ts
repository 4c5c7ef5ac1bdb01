import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { writeDurably } from '../src/durable-file.ts';
import { CliError } from '../src/errors.ts';

const folder = (): string => mkdtempSync(path.join(tmpdir(), 'proofmark-durable-'));

test('a file is written with its mode and leaves nothing beside it', () => {
  const at = folder();

  writeDurably(path.join(at, 'secret'), 'text', { mode: 0o600, replace: false });

  assert.deepEqual(readdirSync(at), ['secret']);
  assert.equal(readFileSync(path.join(at, 'secret'), 'utf8'), 'text');
  assert.equal(statSync(path.join(at, 'secret')).mode & 0o777, 0o600);
});

test('an existing file is kept unless replacing was asked for', () => {
  const file = path.join(folder(), 'f');
  writeFileSync(file, 'old');

  assert.throws(
    () => writeDurably(file, 'new', { mode: 0o644, replace: false }),
    (e) => e instanceof CliError && e.code === 'CLI_OUTPUT_EXISTS',
  );
  assert.equal(readFileSync(file, 'utf8'), 'old');
  writeDurably(file, 'new', { mode: 0o644, replace: true });
  assert.equal(readFileSync(file, 'utf8'), 'new');
  assert.deepEqual(readdirSync(path.dirname(file)), ['f']);
});
