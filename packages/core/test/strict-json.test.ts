import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';

import { CoreError, parseStrictJson } from '@proofmark/core';

test('parseStrictJson() agrees with JSON.parse on every document without duplicate keys', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom('', ' ', '\n\t\r '), (text, space) => {
      assert.deepEqual(parseStrictJson(space + text + space), JSON.parse(text));
    }),
  );
});

test('parseStrictJson() accepts what JSON.parse accepts, but duplicate keys and numbers that are no double', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"b"',
    '1',
    '-',
    '.5',
    'e3',
    'true',
    'nul',
    ' ',
    '"\\u00e9"',
    '"\\x"',
    '01',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
      const text = parts.join('');
      const expected = outcome(() => JSON.parse(text) as unknown);
      const actual = outcome(() => parseStrictJson(text));
      const stricter = /twice|number is too large/.test(actual.message);

      assert.ok(stricter || actual.ok === expected.ok, text);
      if (actual.ok) assert.deepEqual(actual.value, expected.value);
    }),
    { numRuns: 2000 },
  );
});

describe('parseStrictJson() refuses', () => {
  const refused: readonly (readonly [string, Uint8Array | string])[] = [
    ['a duplicate key', '{"a":1,"a":2}'],
    ['a duplicate key written with an escape', '{"a":1,"\\u0061":2}'],
    ['a duplicate __proto__', '{"__proto__":1,"__proto__":2}'],
    ['a second value', '{} {}'],
    ['text after the value', '{}x'],
    ['nothing', ''],
    ['a byte order mark', new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d])],
    ['invalid UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
    ['a number that overflows', '1e999'],
    ['a leading zero', '01'],
    ['a trailing comma', '[1,]'],
    ['an unterminated string', '"abc'],
    ['a raw control character', '"a\u0001"'],
    ['129 levels', '['.repeat(129) + ']'.repeat(129)],
  ];
  for (const [name, input] of refused) {
    test(name, () => {
      assert.throws(
        () => parseStrictJson(input),
        (error) => error instanceof CoreError && error.code === 'CORE_JSON_INVALID',
      );
    });
  }
});

test('parseStrictJson() keeps 128 levels and the byte limit it was given', () => {
  assert.ok(Array.isArray(parseStrictJson('['.repeat(128) + ']'.repeat(128))));
  assert.deepEqual(parseStrictJson('[1]', { maxBytes: 3 }), [1]);
  assert.throws(() => parseStrictJson('[1] ', { maxBytes: 3 }), CoreError);
});

test('parseStrictJson() makes __proto__ an own property and changes no prototype', () => {
  const value = parseStrictJson('{"__proto__":{"polluted":true}}') as Record<string, unknown>;

  assert.ok(Object.hasOwn(value, '__proto__'));
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.equal(value['polluted'], undefined);
});

interface Outcome {
  readonly ok: boolean;
  readonly value: unknown;
  readonly message: string;
}

function outcome(read: () => unknown): Outcome {
  try {
    return { ok: true, value: read(), message: '' };
  } catch (error) {
    return { ok: false, value: null, message: String(error) };
  }
}
