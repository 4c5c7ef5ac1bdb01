import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { directoryStorage } from '../src/storage.ts';
import { NO_DESCRIPTORS, openBelow, watchSyncs } from './syncs.ts';
import { testFolder, utf8 } from './world.ts';

test('files appear whole, in folders that are made, with nothing beside them', async (t) => {
  const folder = path.join(testFolder(t), 'new', 'log');
  const storage = directoryStorage(folder);
  const files = Array.from({ length: 40 }, (_, at) => ({
    path: `tile/0/${String(at).padStart(3, '0')}`,
    bytes: utf8(`tile ${at}`),
  }));

  await storage.write(files);
  await storage.write([{ path: 'checkpoint', bytes: utf8('one') }]);
  await storage.write([{ path: 'checkpoint', bytes: utf8('two') }]);

  assert.equal(readFileSync(path.join(folder, 'checkpoint'), 'utf8'), 'two');
  assert.equal(readFileSync(path.join(folder, 'tile/0/039'), 'utf8'), 'tile 39');
  assert.equal(readdirSync(path.join(folder, 'tile/0')).length, 40);
  assert.deepEqual(readdirSync(folder).toSorted(), ['checkpoint', 'tile']);
  assert.deepEqual(Buffer.from((await storage.read('checkpoint', 10)) ?? []).toString(), 'two');
});

test('what a crash left under the temporary name is overwritten', async (t) => {
  const folder = testFolder(t);
  writeFileSync(path.join(folder, 'checkpoint.tmp'), 'half of a longer file than this one');
  const storage = directoryStorage(folder);

  await storage.write([{ path: 'checkpoint', bytes: utf8('whole') }]);

  assert.deepEqual(readdirSync(folder), ['checkpoint']);
  assert.equal(readFileSync(path.join(folder, 'checkpoint'), 'utf8'), 'whole');
});

test('a write that cannot be done rejects, and nothing is written any more', async (t) => {
  const folder = testFolder(t);
  mkdirSync(path.join(folder, 'b'));
  const storage = directoryStorage(folder);
  const files = ['a', 'b', 'c'].map((name) => ({ path: name, bytes: utf8(name) }));

  await assert.rejects(storage.write(files));

  const after = readdirSync(folder).toSorted();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(readdirSync(folder).toSorted(), after);
});

test('a folder is removed with what is in it, and may be gone already', async (t) => {
  const folder = testFolder(t);
  const storage = directoryStorage(folder);
  await storage.write([{ path: 'tile/0/000.p/5', bytes: utf8('x') }]);

  await storage.removeFolder('tile/0/000.p');
  await storage.removeFolder('tile/0/000.p');
  await storage.write([{ path: 'tile/0/000.p/6', bytes: utf8('y') }]);

  assert.deepEqual(readdirSync(path.join(folder, 'tile/0/000.p')), ['6']);
});

test('a write survives a loss of power', { skip: NO_DESCRIPTORS }, async (t) => {
  const top = testFolder(t);
  const folder = path.join(top, 'log');
  const storage = directoryStorage(folder);
  const synced = await watchSyncs(t);
  const take = (): string[] =>
    synced.splice(0).map((file) => path.relative(top, file).replace(/\.tmp$/, ''));

  await storage.write([{ path: 'tile/0/000.p/1', bytes: utf8('x') }]);
  const first = take();
  await storage.write([{ path: 'tile/0/000.p/2', bytes: utf8('y') }]);
  const second = take();
  await storage.removeFolder('tile/0/000.p');
  await storage.write([{ path: 'tile/0/000.p/3', bytes: utf8('z') }]);

  // The content, then its name, then the name of every folder that may be new.
  assert.deepEqual(first, [
    'log/tile/0/000.p/1',
    'log/tile/0/000.p',
    'log/tile/0',
    'log/tile',
    'log',
    '',
  ]);
  assert.deepEqual(second, ['log/tile/0/000.p/2', 'log/tile/0/000.p']);
  assert.deepEqual(take(), ['log/tile/0/000.p/3', 'log/tile/0/000.p', 'log/tile/0']);
  assert.equal(openBelow(top), 0);
});

test('a write that fails for one file of many names no file after it', async (t) => {
  const folder = testFolder(t);
  mkdirSync(path.join(folder, '03'));
  const storage = directoryStorage(folder);
  const files = Array.from({ length: 40 }, (_, at) => ({
    path: String(at).padStart(2, '0'),
    bytes: utf8('x'),
  }));

  await assert.rejects(storage.write(files), { code: 'EISDIR' });

  const names = readdirSync(folder).filter((name) => !name.endsWith('.tmp'));
  assert.equal(names.length, 16, 'those that were written at the same time');
});
