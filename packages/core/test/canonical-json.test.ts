import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';

import { canonicalJson, CoreError } from '@proofmark/core';

describe('canonicalJson() on RFC 8785 examples', () => {
  const vectors: readonly (readonly [string, unknown, string])[] = [
    [
      'section 3.2.3: keys by UTF-16 code units',
      { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1f600}': 5, '\u0080': 6, '\u00f6': 7 },
      '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\u{1f600}":5,"\ufb33":3}',
    ],
    [
      'section 3.2.2.3: numbers',
      [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001, -0],
      '[333333333.3333333,1e+30,4.5,0.002,1e-27,0]',
    ],
    [
      'section 3.2.2.2: strings',
      '\u20ac$\u000f\nA\'B"\\\\"/',
      '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"',
    ],
    ['literals', [null, true, false], '[null,true,false]'],
    ['nesting', { b: { d: 1, c: [] }, a: {} }, '{"a":{},"b":{"c":[],"d":1}}'],
  ];
  for (const [name, value, expected] of vectors) {
    test(name, () => {
      assert.equal(canonicalJson(value), expected);
    });
  }
});

test('canonicalJson() does not depend on insertion order, and JSON.parse reads it back', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value));
      const shuffled: unknown = reverseKeys(plain);

      assert.equal(canonicalJson(shuffled), canonicalJson(plain));
      assert.deepEqual(JSON.parse(canonicalJson(plain)), plain);
    }),
  );
});

describe('canonicalJson() refuses what has no canonical form', () => {
  let deep: unknown = 1;
  for (let i = 0; i < 200; i += 1) deep = [deep];
  const refused: readonly (readonly [string, unknown])[] = [
    ['NaN', NaN],
    ['infinity', [Infinity]],
    ['undefined', { a: undefined }],
    ['a bigint', 1n],
    ['a lone surrogate', '\ud800'],
    ['a lone surrogate in a key', { '\udc00': 1 }],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['nesting deeper than 128', deep],
  ];
  for (const [name, value] of refused) {
    test(name, () => {
      assert.throws(
        () => canonicalJson(value),
        (error) => error instanceof CoreError && error.code === 'CORE_JSON_NOT_CANONICAL',
      );
    });
  }
});

function reverseKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reverseKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, reverseKeys(member)]),
  );
}
