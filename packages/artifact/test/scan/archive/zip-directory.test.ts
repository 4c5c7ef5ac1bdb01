import assert from 'node:assert/strict';
import { test } from 'node:test';

import { extraField, findEnd, zip64 } from '../../../src/scan/archive/zip-directory.ts';
import { bytesSource } from '../../../src/scan/byte-source.ts';
import { zip } from '../archive-bytes.ts';
import { rules } from '../outcome.ts';
import { bytes, u16, u64 } from '../pickle-bytes.ts';

const MAX = 0xffffffff;

test('the end record is the last one whose comment reaches the end exactly', () => {
  const archive = zip([{ name: 'a.json', data: Buffer.from('{}') }], {
    comment: 'PK\u0005\u0006 no record',
  });

  assert.equal(findEnd(bytesSource(archive)), archive.length - 22 - 14);
  assert.equal(findEnd(bytesSource(bytes(archive, 'tail'))), -1);
  assert.equal(findEnd(bytesSource(Buffer.alloc(100))), -1);
});

test('zip64 values replace only the fields that ask for them, in their order', () => {
  const extra = bytes(u16(1), u16(16), u64(5_000_000_000), u64(7));

  assert.deepEqual(zip64(extra, [MAX, 3, MAX]), [5_000_000_000, 3, 7]);
  assert.deepEqual(zip64(extra, [1, 2, 3]), [1, 2, 3]);
  assert.equal(extraField(extra, 2), null);
});

test('a directory that is cut off is incomplete', () => {
  const archive = zip([{ name: 'a.json', data: Buffer.from('{}') }]);
  const at = archive.indexOf('PK\u0001\u0002');
  archive.write('XX', at, 'latin1');

  assert.match(rules('m.zip', archive), /Z-3-U/);
});
