import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import type { TlogErrorCode } from '../src/errors.ts';
import { COSIGNATURE_V1, ED25519, noteKey, parseVkey } from '../src/note-key.ts';
import { MAX_NOTE_BYTES, ed25519Verifier, parseNote, signNote, verifyNote } from '../src/note.ts';
import { flipBit, readVectors, testSigner, utf8, withCode } from './world.ts';

interface Case {
  readonly name: string;
  readonly note: string;
  readonly keys: readonly string[];
}
const vectors = readVectors('signed-note') as {
  readonly valid: readonly (Case & { readonly text: string })[];
  readonly invalid: readonly (Case & { readonly error: TlogErrorCode })[];
};
const open = (note: Uint8Array, keys: readonly string[]): string => {
  const parsed = parseNote(note);
  verifyNote(
    parsed,
    keys.map((key) => ed25519Verifier(parseVkey(key))),
  );
  return parsed.text;
};

describe('notes on vectors/tlog/signed-note.json', () => {
  for (const v of vectors.valid) {
    test(`accepts ${v.name}`, () => {
      assert.equal(open(utf8(v.note), v.keys), v.text);
    });
  }

  for (const v of vectors.invalid) {
    test(`refuses ${v.name}`, () => {
      assert.throws(() => open(utf8(v.note), v.keys), withCode(v.error));
    });
  }
});

test('bytes that are not UTF-8 are no note, and neither are too many', () => {
  assert.throws(() => parseNote(Uint8Array.of(0xff, 0x0a)), withCode('TLOG_NOTE_INVALID'));
  assert.throws(() => parseNote(new Uint8Array(MAX_NOTE_BYTES + 1)), withCode('TLOG_NOTE_INVALID'));
});

test('a note has at most 128 KiB', async () => {
  const signer = testSigner('log');
  const key = noteKey('k', signer.publicKey, ED25519);
  const room = MAX_NOTE_BYTES - (await signNote('\n', 'k', signer)).length;
  const largest = await signNote(`${'x'.repeat(room)}\n`, 'k', signer);
  const larger = await signNote(`${'x'.repeat(room + 1)}\n`, 'k', signer);

  assert.equal(largest.length, MAX_NOTE_BYTES);
  verifyNote(parseNote(largest), [ed25519Verifier(key)]);
  assert.throws(() => parseNote(larger), withCode('TLOG_NOTE_INVALID'));
});

test('a byte order mark is part of the text', () => {
  const note = parseNote(utf8('\ufefftext\n\n\u2014 k AAAAAAA=\n'));

  assert.equal(note.text, '\ufefftext\n');
});

test('what signNote() signs verifies, and no flipped bit of it does', async () => {
  const signer = testSigner('log');
  const key = noteKey('example.com/log', signer.publicKey, ED25519);
  const bytes = await signNote('a text\n\nof two parts\n', 'example.com/log', signer);
  const accepts = (note: Uint8Array): boolean => {
    try {
      verifyNote(parseNote(note), [ed25519Verifier(key)]);
      return true;
    } catch {
      return false;
    }
  };

  assert.ok(accepts(bytes));
  fc.assert(
    fc.property(fc.nat(bytes.length * 8 - 1), (bit) => !accepts(flipBit(bytes, bit))),
    { numRuns: 300 },
  );
});

test('signNote() refuses a text that could not be read back', async () => {
  const signer = testSigner('log');
  for (const text of ['', 'no newline', 'a\r\n', 'a\tb\n', '\ud800\n', 'nul\0\n']) {
    await assert.rejects(signNote(text, 'k', signer), withCode('TLOG_NOTE_INVALID'));
  }
  await assert.rejects(signNote('a\n', 'a key', signer), withCode('TLOG_KEY_INVALID'));
});

test('the same verified key counts once, and every verified key counts', async () => {
  const [a, b] = [testSigner('a'), testSigner('b')];
  const [ka, kb] = [noteKey('a', a.publicKey, ED25519), noteKey('b', b.publicKey, ED25519)];
  const first = parseNote(await signNote('t\n', 'a', a));
  const second = parseNote(await signNote('t\n', 'b', b));
  const signatures = [...first.signatures, ...first.signatures, ...second.signatures];
  const known = [ed25519Verifier(ka), ed25519Verifier(kb)];

  assert.deepEqual(verifyNote({ text: 't\n', signatures }, known), known);
  assert.deepEqual(verifyNote({ text: 't\n', signatures }, known.slice(1)), known.slice(1));
});

test('a cosignature key does not check plain signatures', () => {
  const key = noteKey('w', testSigner('w').publicKey, COSIGNATURE_V1);

  assert.throws(() => ed25519Verifier(key), withCode('TLOG_KEY_INVALID'));
});
