import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { sweepUnfinished, writeDurably } from '../src/durable-file.ts';
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

test('what a process that is gone had begun is swept away, the work of a living one is not', () => {
  const at = folder();
  const gone = spawnSync(process.execPath, ['--version']).pid;
  const unfinished = (pid: number): string => `key.pem.${pid}-0123456789ab.tmp`;
  for (const name of ['key.pem', 'note.tmp', unfinished(gone), unfinished(process.pid)]) {
    writeFileSync(path.join(at, name), 'x');
  }

  sweepUnfinished(at);

  assert.deepEqual(
    readdirSync(at).toSorted(),
    ['key.pem', 'note.tmp', unfinished(process.pid)].toSorted(),
  );
});

test('a file that was being written when its process was killed leaves nothing behind', () => {
  const at = folder();
  const module = new URL('../src/durable-file.ts', import.meta.url).href;
  const dies = `
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    fs.fsyncSync = () => process.kill(process.pid, 'SIGKILL');
    syncBuiltinESMExports();
    const { writeDurably } = await import(${JSON.stringify(module)});
    writeDurably(${JSON.stringify(path.join(at, 'key'))}, 'text', { mode: 0o600, replace: false });
  `;

  const { signal } = spawnSync(process.execPath, [
    ...process.execArgv.filter((flag) => !flag.startsWith('--test')),
    '--input-type=module',
    '--eval',
    dies,
  ]);

  assert.equal(signal, 'SIGKILL');
  assert.equal(readdirSync(at).length, 1, 'the draft of the dead process');
  sweepUnfinished(at);
  assert.deepEqual(readdirSync(at), []);
});
