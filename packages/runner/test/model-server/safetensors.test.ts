import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';

import { ServeError } from '../../src/model-server/errors.ts';
import { halfToFloat, readSafetensors } from '../../src/model-server/safetensors.ts';

function file(header: unknown, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, data]);
}

test('F32, F16 and BF16 tensors read as their values', () => {
  const data = Buffer.alloc(4 + 4 + 2);
  data.writeFloatLE(1.5, 0);
  data.writeUInt16LE(0x3c00, 4);
  data.writeUInt16LE(0xc000, 6);
  data.writeUInt16LE(0x4049, 8);

  const tensors = readSafetensors(
    file(
      {
        __metadata__: { format: 'pt' },
        a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
        b: { dtype: 'F16', shape: [2, 1], data_offsets: [4, 8] },
        c: { dtype: 'BF16', shape: [], data_offsets: [8, 10] },
      },
      data,
    ),
  );

  assert.deepEqual([...tensors.keys()], ['a', 'b', 'c']);
  assert.deepEqual([...(tensors.get('a')?.values ?? [])], [1.5]);
  assert.deepEqual([...(tensors.get('b')?.values ?? [])], [1, -2]);
  assert.deepEqual([...(tensors.get('c')?.values ?? [])], [3.140625]);
  assert.deepEqual(tensors.get('b')?.shape, [2, 1]);
});

test('half precision covers zero, subnormals, infinities and NaN', () => {
  assert.deepEqual([0x0000, 0x8000, 0x0001, 0x7bff, 0x7c00, 0xfc00].map(halfToFloat), [
    0,
    -0,
    2 ** -24,
    65504,
    Infinity,
    -Infinity,
  ]);
  assert.ok(Number.isNaN(halfToFloat(0x7e00)));
});

test('whatever bytes a file holds, it is read or refused with a code', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), fc.uint8Array({ maxLength: 16 }), (header, data) => {
      try {
        readSafetensors(file(header, data));
      } catch (error) {
        assert.ok(error instanceof ServeError && error.code === 'model_invalid');
      }
    }),
  );
});

describe('a hostile file is refused', () => {
  const f32 = (shape: unknown, offsets: unknown): object => ({
    a: { dtype: 'F32', shape, data_offsets: offsets },
  });
  const huge = Buffer.alloc(8);
  huge.writeBigUInt64LE(2n ** 63n);
  const refused: readonly (readonly [string, Uint8Array])[] = [
    ['an empty file', new Uint8Array(0)],
    ['a header longer than the file', huge],
    ['a header that is not JSON', file('{')],
    ['a header that is a list', file([])],
    [
      'an unknown type',
      file({ a: { dtype: 'I8', shape: [1], data_offsets: [0, 1] } }, Buffer.alloc(1)),
    ],
    [
      'an inherited name as type',
      file({ a: { dtype: 'toString', shape: [1], data_offsets: [0, 1] } }, Buffer.alloc(1)),
    ],
    ['offsets past the end', file(f32([2], [0, 8]), Buffer.alloc(4))],
    ['offsets in reverse', file(f32([1], [4, 0]), Buffer.alloc(4))],
    ['a shape that does not fit', file(f32([2], [0, 4]), Buffer.alloc(4))],
    ['a negative size', file(f32([-1], [0, 4]), Buffer.alloc(4))],
    ['a product that overflows', file(f32([2 ** 40, 2 ** 40], [0, 4]), Buffer.alloc(4))],
    ['an entry that is null', file({ a: null })],
    ['a header that starts with a space', file(` ${JSON.stringify({})}`)],
    [
      'a header that is not UTF-8',
      Buffer.concat([file({}).subarray(0, 8), Buffer.from([0x7b, 0xff])]),
    ],
    ['a gap between tensors', file({ ...f32([1], [4, 8]) }, Buffer.alloc(8))],
    [
      'two tensors on the same bytes',
      file(
        { ...f32([1], [0, 4]), b: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } },
        Buffer.alloc(4),
      ),
    ],
    ['bytes behind the last tensor', file(f32([1], [0, 4]), Buffer.alloc(5))],
    [
      'too many dimensions',
      file(
        f32(
          Array.from({ length: 9 }, () => 1),
          [0, 4],
        ),
        Buffer.alloc(4),
      ),
    ],
  ];
  for (const [name, bytes] of refused) {
    test(name, () => {
      assert.throws(
        () => readSafetensors(bytes),
        (e) => e instanceof ServeError && e.code === 'model_invalid',
      );
    });
  }
});
