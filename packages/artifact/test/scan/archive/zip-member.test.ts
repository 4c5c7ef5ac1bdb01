import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Member } from '../archive-bytes.ts';
import { zip } from '../archive-bytes.ts';
import { messages, rules } from '../outcome.ts';
import { calls } from '../pickle-bytes.ts';

const EVIL = calls('posix', 'system');

function archive(member: Partial<Member>): Buffer {
  return zip([{ name: 'archive/data.pkl', data: EVIL, ...member }]);
}

const CASES: readonly (readonly [title: string, member: Partial<Member>, expected: RegExp])[] = [
  ['Z-2 another name in the local header blocks', { localName: 'archive/data.txt' }, /P-1.*Z-2/],
  ['Z-2 other flags in the local header block', { localFlags: 0x20 }, /P-1.*Z-2/],
  ['Z-2 a flag that readers treat differently blocks', { flags: 0x20 }, /P-1.*Z-2/],
  ['Z-2 an encryption flag on plain data blocks, and the data is judged', { flags: 1 }, /P-1.*Z-2/],
  ['Z-2 a wrong checksum blocks, and the data is judged', { crc: 5 }, /P-1.*Z-2/],
  ['Z-2 a checksum that differs between the headers blocks', { localCrc: 5 }, /P-1.*Z-2/],
  [
    'Z-2 a second name that differs blocks',
    { extra: Buffer.concat([Buffer.from([0x75, 0x70, 9, 0, 1, 0, 0, 0, 0]), Buffer.from('evil')]) },
    /Z-2/,
  ],
  [
    'Z-3 data that is really encrypted is incomplete',
    { data: Buffer.alloc(40, 0x5a), flags: 1, crc: 5 },
    /Z-3-U/,
  ],
  [
    'Z-5 a member that claims more than its bytes can hold is incomplete',
    { method: 8, sizeBytes: 0x7fffffff },
    /Z-5/,
  ],
];

describe('a ZIP member', () => {
  for (const [title, member, expected] of CASES) {
    test(title, () => {
      assert.match(rules('model.pt', archive(member)), expected);
    });
  }

  test('Z-2 headers that disagree are findings on harmless content too', () => {
    assert.equal(
      rules('m.zip', zip([{ name: 'a.json', data: Buffer.from('{}'), localName: 'b.json' }])),
      'Z-2',
    );
  });
});

/** Written by Python's zipfile: a/data.pkl, which calls posix.system, by bzip2 and by LZMA. */
const BZIP2 = Buffer.from(
  'UEsDBC4AAAAMAAAAIQACMZp+QgAAABcAAAAKAAAAYS9kYXRhLnBrbEJaaDkxQVkmU1kOTd2kAAAKU8AQEAABEAAOIsxgQgQgADFNMjExMQoDQNNigQ7lM5qYMFBt0Kv8XckU4UJAOTd2kFBLAQIuAy4AAAAMAAAAIQACMZp+QgAAABcAAAAKAAAAAAAAAAAAAACAAQAAAABhL2RhdGEucGtsUEsFBgAAAAABAAEAOAAAAGoAAAAAAA==',
  'base64',
);
const LZMA = Buffer.from(
  'UEsDBD8AAgAOAAAAIQACMZp+LAAAABcAAAAKAAAAYS9kYXRhLnBrbAkEBQBdAACAAABAAIgDy4fmDj/G26ZiOtDgF6yL/5Qtx5uujAcn//+KZgAAUEsBAj8DPwACAA4AAAAhAAIxmn4sAAAAFwAAAAoAAAAAAAAAAAAAAIABAAAAAGEvZGF0YS5wa2xQSwUGAAAAAAEAAQA4AAAAVAAAAAAA',
  'base64',
);

test('members by bzip2 and LZMA, which some loaders unpack, are judged', () => {
  assert.equal(rules('m.npz', BZIP2), 'P-1');
  assert.equal(rules('m.npz', LZMA), 'P-1');
  assert.equal(messages('m.npz', LZMA), messages('m.npz', BZIP2));
});

test('an LZMA member without its properties is incomplete', () => {
  const broken = Buffer.from(LZMA);
  broken[LZMA.indexOf('data.pkl') + 'data.pkl'.length + 2] = 4;

  assert.match(messages('m.npz', broken), /the LZMA properties are missing/);
  assert.equal(rules('m.npz', broken), 'Z-3-U');
});
