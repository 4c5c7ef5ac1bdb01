import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Json } from '@proofmark/core';

import { ProtoMessage } from '../../src/sigstore/proto-json.ts';

const message = (value: Json): ProtoMessage => new ProtoMessage(value, 'root');

test('64-bit integers are read as numbers and as strings', () => {
  const read = message({ a: 7, b: '7', c: '9007199254740991', d: 0 });

  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((key) => read.count(key)),
    [7, 7, Number.MAX_SAFE_INTEGER, 0],
  );
});

test('null and absent are the same, and a list that is absent is empty', () => {
  const read = message({ a: null });

  assert.deepEqual([read.has('a'), read.has('b'), read.json('a')], [false, false, null]);
  assert.deepEqual(read.messages('a', 1), []);
});

describe('refused, with the path of the field', () => {
  const cases: readonly (readonly [string, () => unknown])[] = [
    ['root.a', () => message({ a: -1 }).count('a')],
    ['root.a', () => message({ a: '-1' }).count('a')],
    ['root.a', () => message({ a: '9007199254740992' }).count('a')],
    ['root.a', () => message({ a: 1.5 }).count('a')],
    ['root.a', () => message({ a: '01' }).count('a')],
    ['root.a', () => message({ a: 'AAA' }).bytes('a')],
    ['root.a', () => message({ a: '' }).bytes('a')],
    ['root.a', () => message({ a: 'AA-_' }).bytes('a')],
    ['root.a', () => message({ a: [] }).message('a')],
    ['root.a', () => message({ a: [{}, {}] }).messages('a', 1)],
    ['root.a[0]', () => message({ a: [1] }).messages('a', 1)],
    ['root.a', () => message({ a: [1] }).texts('a', 1)],
    ['root.a', () => message({ a: '2026-01-01' }).timeMs('a')],
    ['root.toString', () => message({}).text('toString')],
  ];
  for (const [path, read] of cases) {
    test(`${path}: ${read.toString().slice(6)}`, () => {
      assert.throws(read, (error) => error instanceof RangeError && error.message.includes(path));
    });
  }
});
