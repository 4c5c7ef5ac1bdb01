import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';

import { publicKey } from '@proofmark/core';

import {
  COSIGNATURE_ML_DSA_44,
  COSIGNATURE_V1,
  ED25519,
  formatVkey,
  isKeyName,
  noteKey,
  parseVkey,
  samePublicKey,
} from '../src/note-key.ts';
import { readVectors, testSigner, withCode } from './world.ts';

const vectors = readVectors('signed-note') as {
  readonly vkeys: readonly string[];
  readonly invalidVkeys: readonly { readonly name: string; readonly vkey: string }[];
};

describe('vkeys on vectors/tlog/signed-note.json', () => {
  for (const vkey of vectors.vkeys) {
    test(`${vkey.slice(0, 40)} is read and written back`, () => {
      assert.equal(formatVkey(parseVkey(vkey)), vkey);
    });
  }

  for (const { name, vkey } of vectors.invalidVkeys) {
    test(`parseVkey() refuses ${name}`, () => {
      assert.throws(() => parseVkey(vkey), withCode('TLOG_KEY_INVALID'));
    });
  }
});

test('a key id depends on name, type and key', () => {
  const key = testSigner('a').publicKey;
  const ids = [
    noteKey('example.com/a', key, ED25519),
    noteKey('example.com/b', key, ED25519),
    noteKey('example.com/a', key, COSIGNATURE_V1),
    noteKey('example.com/a', testSigner('b').publicKey, ED25519),
  ].map((k) => k.keyId);

  assert.equal(new Set(ids).size, ids.length);
});

test('a signature type takes one kind of key', () => {
  const p256 = publicKey(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey);
  const mlDsa = generateKeyPairSync('ml-dsa-44').publicKey;

  assert.equal(noteKey('w', mlDsa, COSIGNATURE_ML_DSA_44).type, 6);
  assert.throws(() => noteKey('w', p256, ED25519), withCode('TLOG_KEY_INVALID'));
  assert.throws(() => noteKey('w', mlDsa, COSIGNATURE_V1), withCode('TLOG_KEY_INVALID'));
  assert.throws(
    () => noteKey('w', testSigner('a').publicKey, COSIGNATURE_ML_DSA_44),
    withCode('TLOG_KEY_INVALID'),
  );
});

test('a key name has no space, no plus, no control character and an end', () => {
  assert.ok(isKeyName('example.com/log'));
  assert.ok(isKeyName('n'.repeat(512)));
  for (const name of [
    '',
    'n'.repeat(513),
    'a b',
    'a+b',
    'a\tb',
    'a\nb',
    'a\u0000b',
    'a\u007fb',
    'a\u0085b',
    'a\u00a0b',
    'a\u2003b',
    '\ud800',
  ]) {
    assert.ok(!isKeyName(name), JSON.stringify(name));
    assert.throws(
      () => noteKey(name, testSigner('a').publicKey, ED25519),
      withCode('TLOG_KEY_INVALID'),
    );
  }
});

test('samePublicKey() looks at the key, not at the name', () => {
  const key = testSigner('a').publicKey;

  assert.ok(samePublicKey(noteKey('a', key, ED25519), noteKey('b', key, COSIGNATURE_V1)));
  assert.ok(
    !samePublicKey(noteKey('a', key, ED25519), noteKey('a', testSigner('b').publicKey, ED25519)),
  );
});
