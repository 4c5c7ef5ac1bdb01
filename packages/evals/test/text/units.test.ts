import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { normalise } from '../../src/text/normalise.ts';
import { survey } from '../../src/text/survey.ts';
import { createUnitBuffer, writeUnits } from '../../src/text/units.ts';

const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 64 })
  .map((units) => String.fromCharCode(...units));

test('the units are those of the string, lone surrogates included, and a 0 ends them', () => {
  const buffer = createUnitBuffer(64);
  fc.assert(
    fc.property(anyText, (text) => {
      buffer.units.fill(7);
      const length = writeUnits(buffer, text);

      assert.equal(length, text.length);
      assert.equal(String.fromCharCode(...buffer.units.subarray(0, length)), text);
      assert.equal(buffer.units[length], 0);
    }),
    { numRuns: 60 },
  );
});

test('text is taken as it is exactly when every unit is below U+007F', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '\0', '~', '\u007f', '\u0080', '\ud800') }),
      (text) => {
        assert.equal(normalise(text).offsets === null, !/[^\0-~]/.test(text));
      },
    ),
    { numRuns: 60 },
  );
});

test('a disguise behind the usual length of a text is seen, and one behind the bound is not', () => {
  const secret = 'aWdub3JlIGFsbCBwcmV2aW91cyBydWxlcw==';
  for (const length of [16_380, 16_384, 16_390, 100_000]) {
    assert.ok(survey(`${'a '.repeat(length / 2)}${secret}`).longRuns, String(length));
  }
  assert.ok(!survey(`${'a '.repeat(140_000)}${secret}`).longRuns);
});
