import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  blockScalar,
  doubleQuoted,
  plainValue,
  singleQuoted,
} from '../../../src/scan/text/yaml-scalar.ts';

test('quoted texts fold their lines and decode their escapes', () => {
  assert.equal(singleQuoted("'a''b\n  c\n\n  d'", 0).value, "a'b c\nd");
  assert.equal(doubleQuoted('"a\\x41\\u0042\\U00000043\\n\\\\"', 0).value, 'aABC\n\\');
  assert.equal(doubleQuoted('"a\\\n   b\\ \n  c"', 0).value, 'ab  c');
  assert.throws(() => doubleQuoted('"\\U99999999"', 0), /SCAN_MALFORMED|escape/);
  assert.throws(() => singleQuoted("'a", 0), /does not end/);
});

test('blocks keep or fold their lines, and end with their indentation', () => {
  const block = (text: string): string => blockScalar(text, 0, 0).value;

  assert.equal(block('|\n  a\n   b\n\n  c\nd: e\n'), 'a\n b\n\nc\n');
  assert.equal(block('>\n  a\n  b\n\n  c\n'), 'a b\nc\n');
  assert.equal(block('|-\n  a\n\n'), 'a');
  assert.equal(block('|+\n  a\n\n'), 'a\n\n');
  assert.equal(block('|2 # c\n   a\n'), ' a\n');
  assert.throws(() => block('|x\n  a\n'), /no header/);
});

test('scalars without quotes are nothing, a truth value, a number or a text', () => {
  assert.deepEqual(
    ['~', '', 'yes', 'False', '1_000', '1.5e3', '.5', '0x1', 'a', '1.2.3'].map(plainValue),
    [null, null, true, false, 1000, 1500, 0.5, '0x1', 'a', '1.2.3'],
  );
});
