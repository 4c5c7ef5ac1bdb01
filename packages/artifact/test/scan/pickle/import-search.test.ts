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
