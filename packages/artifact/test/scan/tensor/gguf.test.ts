import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { rules } from '../outcome.ts';
import { bytes, u32, u64 } from '../pickle-bytes.ts';
import { gguf, ggufText } from '../samples.ts';

interface Shape {
  readonly version?: number;
  readonly tensors?: number | bigint;
  readonly keys?: readonly Buffer[];
  readonly keyCount?: number | bigint;
  readonly infos?: readonly Buffer[];
  readonly dataBytes?: number;
}

function info(
  name: string,
  dims: readonly (number | bigint)[],
  type = 0,
  offset: number | bigint = 0,
): Buffer {
  return bytes(
    ggufText(name),
    u32(dims.length),
    ...dims.map((size) => u64(size)),
    u32(type),
    u64(offset),
  );
}

function key(name: string, type: number, value: Uint8Array): Buffer {
  return bytes(ggufText(name), u32(type), value);
}

function file({
  version = 3,
  tensors,
  keys = [],
  keyCount,
  infos = [info('w', [32])],
  dataBytes = 128,
}: Shape): Buffer {
  const head = bytes(
    'GGUF',
    u32(version),
    u64(tensors ?? infos.length),
    u64(keyCount ?? keys.length),
    ...keys,
    ...infos,
  );
  return bytes(head, Buffer.alloc((32 - (head.length % 32)) % 32), Buffer.alloc(dataBytes));
}

const CASES: readonly (readonly [title: string, shape: Shape, expected: string])[] = [
  ['a well-formed file is clean', {}, ''],
  ['version 2 is clean', { version: 2 }, ''],
  ['version 1 is incomplete', { version: 1 }, 'G-4'],
  ['a byte-swapped version is incomplete', { version: 0x03000000 }, 'G-4'],
  ['a count of keys beyond the file is incomplete', { keyCount: 1n << 40n }, 'G-4'],
  ['a negative count of tensors is incomplete', { tensors: -1 }, 'G-4'],
  [
    'a key that is there twice is incomplete',
    { keys: [key('a', 0, Buffer.alloc(1)), key('a', 0, Buffer.alloc(1))] },
    'G-4',
  ],
  ['an empty key is incomplete', { keys: [key('', 0, Buffer.alloc(1))] }, 'G-4'],
  ['an unknown value type is incomplete', { keys: [key('a', 77, Buffer.alloc(1))] }, 'G-4'],
  ['a boolean of 2 is incomplete', { keys: [key('a', 7, Buffer.from([2]))] }, 'G-4'],
  [
    'an array of booleans of 2 is incomplete',
    { keys: [key('a', 9, bytes(u32(7), u64(1), 2))] },
    'G-4',
  ],
  ['an array in an array is incomplete', { keys: [key('a', 9, bytes(u32(9), u64(0)))] }, 'G-4'],
  [
    'an array beyond the file is incomplete',
    { keys: [key('a', 9, bytes(u32(4), u64(1 << 24)))] },
    'G-4',
  ],
  [
    'arrays of texts and numbers are clean',
    {
      keys: [
        key('a', 9, bytes(u32(8), u64(1), ggufText('x'))),
        key('b', 9, bytes(u32(4), u64(1), u32(1))),
      ],
    },
    '',
  ],
  ['an alignment of zero is incomplete', { keys: [key('general.alignment', 4, u32(0))] }, 'G-4'],
  [
    'an alignment that is no power of two is incomplete',
    { keys: [key('general.alignment', 4, u32(24))] },
    'G-4',
  ],
  ['five dimensions are incomplete', { infos: [info('w', [2, 2, 2, 2, 2])] }, 'G-4'],
  ['sizes that overflow are incomplete', { infos: [info('w', [1n << 40n, 1n << 40n])] }, 'G-4'],
  ['a negative size is incomplete', { infos: [info('w', [-4])] }, 'G-4'],
  ['a removed tensor type is incomplete', { infos: [info('w', [32], 4)] }, 'G-4'],
  ['rows that are not whole blocks are incomplete', { infos: [info('w', [31], 2)] }, 'G-4'],
  ['a tensor name of 64 bytes is incomplete', { infos: [info('w'.repeat(64), [32])] }, 'G-4'],
  [
    'two tensors of one name are incomplete',
    { infos: [info('w', [32]), info('w', [32], 0, 128)], dataBytes: 256 },
    'G-4',
  ],
  [
    'tensors that overlap are incomplete',
    { infos: [info('w', [32]), info('v', [32], 0, 64)], dataBytes: 256 },
    'G-4',
  ],
  ['tensors beyond the file are incomplete', { infos: [info('w', [64])] }, 'G-4'],
  ['bytes behind the last tensor are incomplete', { dataBytes: 192 }, 'G-4'],
  [
    'a part of a split model with a bad number is incomplete',
    { keys: [key('split.no', 2, Buffer.from([5, 0])), key('split.count', 2, Buffer.from([2, 0]))] },
    'G-4',
  ],
];

describe('GGUF', () => {
  for (const [title, shape, expected] of CASES) {
    test(title, () => {
      assert.equal(rules('model.gguf', file(shape)), expected);
    });
  }

  test('G-1 the default template and every named one are judged', () => {
    const evil = '{{ x.__class__ }}';

    assert.equal(
      rules('m.gguf', gguf({ 'tokenizer.chat_template': '{{ messages[0].content }}' })),
      '',
    );
    assert.equal(rules('m.gguf', gguf({ 'tokenizer.chat_template': evil })), 'G-1');
    assert.equal(rules('m.gguf', gguf({ 'tokenizer.chat_template.tool_use': evil })), 'G-1');
  });

  test('a file that only carries the name is incomplete', () => {
    assert.equal(rules('m.gguf', Buffer.alloc(64, 0xee)), 'G-4');
  });
});

test('G-1 G-4 a file of version 3 whose numbers have their highest byte first is read as strictly', () => {
  const text = (value: string): Buffer => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(value.length));
    return bytes(length, value);
  };
  const u32be = (value: number): Buffer => u32(value).reverse();
  const u64be = (value: number): Buffer => u64(value).reverse();
  const model = (template: string, dataBytes = 128): Buffer => {
    const head = bytes(
      'GGUF',
      u32be(3),
      u64be(1),
      u64be(1),
      text('tokenizer.chat_template'),
      u32be(8),
      text(template),
      text('w'),
      u32be(1),
      u64be(32),
      u32be(0),
      u64be(0),
    );
    return bytes(head, Buffer.alloc((32 - (head.length % 32)) % 32), Buffer.alloc(dataBytes));
  };

  assert.equal(rules('m.gguf', model('{{ m.content }}')), '');
  assert.equal(rules('m.gguf', model('{{ m.__class__ }}')), 'G-1');
  assert.equal(rules('m.gguf', model('{{ m.content }}', 64)), 'G-4');
});
