import assert from 'node:assert/strict';
import { test } from 'node:test';

import { elementType, pickledElementType } from '../../../src/scan/tensor/dtype.ts';
import {
  NONE,
  addEntry,
  container,
  instance,
  int,
  text,
  tuple,
} from '../../../src/scan/pickle/value.ts';
import type { Value } from '../../../src/scan/pickle/value.ts';

function dtype(code: string, state: Value | null = null): Value {
  const callee = { kind: 'global', module: 'numpy', name: 'dtype', rule: 'any' } as const;
  const value = instance(callee, tuple([text(code)]));
  value.state = state;
  return value;
}

test('sizes follow the array protocol', () => {
  const sizes = ['<f4', '|b1', '>c16', '<U5', 'S7', 'V3', '<M8[ns]', '?', 'd'].map(
    (code) => elementType(code)?.sizeBytes,
  );

  assert.deepEqual(sizes, [4, 1, 16, 20, 7, 3, 8, 1, 8]);
  assert.deepEqual(elementType('|O'), { sizeBytes: 8, hasObjects: true });
  assert.equal(elementType('x9'), null);
  assert.equal(elementType('f99999999999999999999'), null);
});

test('an object in a field of a pickled type is seen', () => {
  const fields = container('dict');
  addEntry(fields, text('a'), tuple([dtype('O'), int(0)]));
  const state = tuple([
    int(3),
    text('|'),
    NONE,
    tuple([text('a')]),
    fields,
    int(8),
    int(1),
    int(0),
  ]);

  assert.deepEqual(pickledElementType(dtype('V8', state)), { sizeBytes: 8, hasObjects: true });
});

test('a type that is not understood is null, never plain data', () => {
  assert.equal(pickledElementType(text('f8')), null);
  assert.equal(pickledElementType(dtype('f8', NONE)), null);
  assert.equal(pickledElementType(undefined), null);
});
