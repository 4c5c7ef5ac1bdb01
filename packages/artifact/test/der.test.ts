import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import {
  INTEGER,
  OCTET_STRING,
  SEQUENCE,
  derChildren,
  derElements,
  derOid,
  derSingle,
  derValue,
  encodeDer,
} from '../src/der.ts';

test('what is encoded is read again, at every width of length', () => {
  fc.assert(
    fc.property(fc.constantFrom(0, 1, 127, 128, 255, 256, 65_535, 65_536), (size) => {
      const value = Buffer.alloc(size, 7);
      const inner = encodeDer(OCTET_STRING, value);

      const [element] = derChildren(derSingle(encodeDer(SEQUENCE, inner)), SEQUENCE);

      assert.ok(Buffer.from(derValue(element, OCTET_STRING)).equals(value));
      assert.ok(Buffer.from(element?.raw ?? []).equals(Buffer.from(inner)));
    }),
  );
});

test('the length of a refused element is never believed', () => {
  for (const hex of ['0405', '0480', '0484ffffffff', '04', '0482ff']) {
    assert.throws(() => derElements(Buffer.from(hex, 'hex')), RangeError);
  }
});

test('another tag, two elements and none are refused', () => {
  const one = encodeDer(INTEGER, Buffer.from([1]));

  assert.throws(() => derValue(derSingle(one), OCTET_STRING), RangeError);
  assert.throws(() => derOid(derSingle(one)), RangeError);
  assert.throws(() => derSingle(Buffer.concat([one, one])), RangeError);
  assert.throws(() => derSingle(new Uint8Array()), RangeError);
});

test('any bytes are elements or a RangeError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      try {
        const raw = derElements(bytes).map((element) => Buffer.from(element.raw));
        assert.ok(Buffer.concat(raw).equals(Buffer.from(bytes)));
      } catch (error) {
        assert.ok(error instanceof RangeError);
      }
    }),
  );
});
