import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bytesSource } from '../../../src/scan/byte-source.ts';
import { searchImports } from '../../../src/scan/pickle/import-search.ts';
import { bytes, global, text } from '../pickle-bytes.ts';

test('imports of both spellings are found at their offset, across chunk borders', () => {
  const filler = Buffer.alloc((1 << 20) - 4);
  const hidden = bytes(
    filler,
    global('posix', 'system'),
    text('subprocess'),
    0x94,
    text('run'),
    0x93,
  );

  const found = searchImports(bytesSource(hidden), 0);

  assert.deepEqual(
    found.map(({ module, name }) => `${module}.${name}`),
    ['posix.system', 'subprocess.run'],
  );
  assert.equal(found[0]?.offset, filler.length);
});

test('prose and tensor bytes name nothing', () => {
  assert.deepEqual(searchImports(bytesSource(Buffer.from('cat\ndog\ncity\ntown\n')), 0), []);
  assert.deepEqual(searchImports(bytesSource(Buffer.alloc(1000, 7)), 0), []);
});

test('the first sixteen are named', () => {
  const many = (count: number): Buffer =>
    bytes(...Array.from({ length: count }, (_, n) => global('posix', `f${n}`)));

  assert.equal(searchImports(bytesSource(many(16)), 0).length, 16);
  assert.equal(searchImports(bytesSource(many(17)), 0).length, 16);
});

test('only what stands between the start and the bound is looked at', () => {
  const source = bytesSource(bytes(global('posix', 'a'), global('posix', 'b')));
  const names = (start: number, maxBytes?: number): string[] =>
    searchImports(source, start, maxBytes).map(({ name }) => name);

  assert.deepEqual(names(0), ['a', 'b']);
  assert.deepEqual(names(1), ['b']);
  assert.deepEqual(names(0, 9), ['a']);
  assert.deepEqual(names(0, 17), ['a']);
  assert.deepEqual(names(0, 18), ['a', 'b']);
});

test('sixteen mebibytes are looked at unless the caller says otherwise', () => {
  const bound = 16 << 20;
  const hidden = Buffer.alloc(bound + 100);
  global('posix', 'a').copy(hidden, bound - 9);
  global('posix', 'b').copy(hidden, bound);

  assert.deepEqual(
    searchImports(bytesSource(hidden), 0).map(({ name, offset }) => [name, offset]),
    [['a', bound - 9]],
  );
});

test('the longest import is found across the border of two chunks', () => {
  const longest = bytes(
    text(`posix.${'a'.repeat(122)}`),
    'q',
    0,
    bytes('X', 128, 0, 0, 0),
    'b'.repeat(128),
    'q',
    1,
    0x93,
  );
  const source = bytesSource(bytes(Buffer.alloc((1 << 20) - 1), longest));

  assert.equal(searchImports(source, 0).length, 1);
});
