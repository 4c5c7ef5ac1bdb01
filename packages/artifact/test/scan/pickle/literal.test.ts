import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import {
  integerLine,
  isFloatLine,
  littleEndian,
  quotedLine,
  unicodeLine,
  utf8,
} from '../../../src/scan/pickle/literal.ts';

describe('P-6 literals are decoded as CPython decodes them', () => {
  test('quoted text has matching quotes and Python escapes', () => {
    assert.equal(quotedLine("'a\\x41\\101\\n\\''"), "aAA\n'");
    assert.equal(quotedLine('"a"'), 'a');
    assert.equal(quotedLine('\'a"'), null);
    assert.equal(quotedLine("'"), null);
  });

  test('raw unicode escapes count their backslashes', () => {
    assert.equal(unicodeLine('\\u0041b'), 'Ab');
    assert.equal(unicodeLine('\\\\u0041'), '\\\\u0041');
    assert.equal(unicodeLine('\\U00000041'), 'A');
    assert.equal(unicodeLine('\\u12'), null);
  });

  test('integers and floats are whole lines', () => {
    assert.equal(integerLine('-0x10'), -16n);
    assert.equal(integerLine('12L'), 12n);
    assert.equal(integerLine('1 2'), null);
    assert.equal(integerLine(''), null);
    assert.ok(isFloatLine('1e5') && isFloatLine('-inf') && !isFloatLine('1.2.3'));
  });

  test('two-complement bytes give back every integer of 64 bits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), (value) => {
        const buffer = Buffer.alloc(8);
        buffer.writeBigInt64LE(value);
        assert.equal(littleEndian(buffer), value);
      }),
    );
    assert.equal(littleEndian(new Uint8Array(0)), 0n);
  });

  test('UTF-8 is strict apart from lone surrogates, which CPython passes', () => {
    assert.equal(utf8(Buffer.from('é�')), 'é�');
    assert.equal(utf8(Buffer.from([0xc3, 0x28])), null);
    assert.notEqual(utf8(Buffer.from([0x61, 0xed, 0xa0, 0x80])), null);
    assert.notEqual(utf8(Buffer.from([0xed, 0xbf, 0xbf, 0x61])), null);
    assert.equal(utf8(Buffer.from([0xed, 0xa0, 0x80, 0xff])), null);
    assert.equal(utf8(Buffer.from([0xed, 0xa0])), null);
  });

  test('an integer of 4096 digits is read, and one digit more is not', () => {
    assert.equal(integerLine('9'.repeat(4096)), 10n ** 4096n - 1n);
    assert.equal(integerLine('9'.repeat(4097)), null);
  });

  test('integers may have a sign, spaces around them and underscores between digits', () => {
    assert.equal(integerLine(' \t+1_000 '), 1000n);
    assert.equal(integerLine('-0b11'), -3n);
    assert.equal(integerLine('0o17'), 15n);
    assert.equal(integerLine('1__0'), null);
    assert.equal(integerLine('_1'), null);
    assert.equal(integerLine('1L2'), null);
  });

  test('space behind a quoted line is no part of it, and escapes nobody knows stay', () => {
    assert.equal(quotedLine("'a' \t\r"), 'a');
    assert.equal(quotedLine("''"), '');
    assert.equal(quotedLine('a'), null);
    assert.equal(quotedLine("'\\q\\x4'"), '\\q\\x4');
    assert.equal(quotedLine("'\\777'"), '\u00ff');
  });

  test('the last code point is decoded, and the one behind it is broken', () => {
    assert.equal(unicodeLine('\\U0010ffff'), '\u{10ffff}');
    assert.equal(unicodeLine('\\U00110000'), null);
    assert.equal(unicodeLine('\\U0000041'), null);
    assert.equal(unicodeLine('\\\\\\u0041'), '\\\\A');
  });

  test('three bytes are a lone surrogate only from ED A0 80 to ED BF BF', () => {
    assert.notEqual(utf8(Buffer.from([0xed, 0xa0, 0x80])), null);
    assert.notEqual(utf8(Buffer.from([0xed, 0xbf, 0xbf])), null);
    assert.equal(utf8(Buffer.from([0xed, 0xc0, 0x80])), null);
    assert.equal(utf8(Buffer.from([0xed, 0xa0, 0x7f])), null);
    assert.equal(utf8(Buffer.from([0xed, 0xa0, 0xc0])), null);
  });
});
