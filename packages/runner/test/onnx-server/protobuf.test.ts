import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { ServeError } from '../../src/model-server/errors.ts';
import { readFields } from '../../src/onnx-server/protobuf.ts';
import { bytesField, varintField } from './onnx-writer.ts';

const read = (bytes: Uint8Array): unknown[] =>
  Array.from(readFields(bytes), ({ id, value, bytes: content }) => [id, value, [...content]]);

test('what was written is read, in order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 4000 }), fc.maxSafeNat(), fc.uint8Array())),
      (fields) => {
        const bytes = Buffer.concat(
          fields.flatMap(([id, value, content]) => [
            varintField(id, value),
            bytesField(id, content),
          ]),
        );

        assert.deepEqual(
          read(bytes),
          fields.flatMap(([id, value, content]) => [
            [id, value, []],
            [id, 0, [...content]],
          ]),
        );
      },
    ),
    { numRuns: 50 },
  );
});

test('numbers of fixed width are passed over', () => {
  const fixed = Uint8Array.of(9, 1, 2, 3, 4, 5, 6, 7, 8, 21, 1, 2, 3, 4);

  assert.deepEqual(
    Array.from(readFields(fixed), ({ id }) => id),
    [1, 2],
  );
});

for (const [what, bytes] of [
  ['a length beyond the message', [10, 5, 1]],
  ['a length of 2^63', [10, 255, 255, 255, 255, 255, 255, 255, 255, 127]],
  ['a number without an end', [8, 128, 128]],
  ['a number of eleven bytes', [8, ...Array<number>(10).fill(128), 1]],
  ['a group, which no ONNX file has', [11]],
] as const) {
  test(`${what} is malformed`, () => {
    assert.throws(
      () => read(Uint8Array.from(bytes)),
      (e) => e instanceof ServeError && e.code === 'model_invalid',
    );
  });
}

test('no bytes lead to anything but fields or a coded refusal', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        read(bytes);
      } catch (error) {
        assert.ok(error instanceof ServeError);
      }
    }),
    { numRuns: 300 },
  );
});
