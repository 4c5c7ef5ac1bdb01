import assert from 'node:assert/strict';
import { createSecretKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { test } from 'node:test';

import { sha256 } from '@proofmark/core';
import fc from 'fast-check';

import { formatCheckpoint } from '../src/checkpoint.ts';
import { cosign, cosignatureTime, cosignatureVerifier, mlDsa44Signer } from '../src/cosignature.ts';
import { COSIGNATURE_ML_DSA_44, COSIGNATURE_V1, ED25519, noteKey } from '../src/note-key.ts';
import type { NoteKey } from '../src/note-key.ts';
import { parseSignatureLine } from '../src/note.ts';
import { ORIGIN, flipBit, testSigner, withCode } from './world.ts';

const TIME = 1_795_400_000;
const signer = testSigner('w1');
const key = noteKey('witness.example/w1', signer.publicKey, COSIGNATURE_V1);
const text = formatCheckpoint(ORIGIN, 7, sha256('root'));

test('a cosignature verifies for its text and carries its time', async () => {
  const line = await cosign(text, key, signer, TIME);

  const { name, keyId, signature } = parseSignatureLine(line.trimEnd());

  assert.equal(name, key.name);
  assert.equal(keyId, key.keyId);
  assert.equal(signature.length, 8 + 64);
  assert.equal(cosignatureTime(signature), TIME);
  assert.ok(cosignatureVerifier(key).verify(text, signature));
  assert.ok(!cosignatureVerifier(key).verify(text.replace('7', '8'), signature));
});

test('no flipped bit of a cosignature verifies', async () => {
  const { signature } = parseSignatureLine((await cosign(text, key, signer, TIME)).trimEnd());
  const verifier = cosignatureVerifier(key);

  fc.assert(
    fc.property(
      fc.nat(signature.length * 8 - 1),
      (bit) => !verifier.verify(text, flipBit(signature, bit)),
    ),
  );
});

test('a cosignature without a time, or with one beyond any clock, does not verify', async () => {
  const zero = parseSignatureLine((await cosign(text, key, signer, 0)).trimEnd()).signature;
  const far = Buffer.concat([Buffer.alloc(8, 0xff), Buffer.alloc(64)]);

  assert.ok(!cosignatureVerifier(key).verify(text, zero));
  assert.ok(!cosignatureVerifier(key).verify(text, far));
  assert.equal(cosignatureTime(far), null);
  for (const length of [0, 7, 8]) {
    assert.equal(cosignatureTime(new Uint8Array(length)), null);
    assert.ok(!cosignatureVerifier(key).verify(text, new Uint8Array(length)));
  }
});

test('a log key neither makes nor checks cosignatures', async () => {
  const logKey = noteKey(ORIGIN, signer.publicKey, ED25519);

  await assert.rejects(cosign(text, logKey, signer, TIME), withCode('TLOG_KEY_INVALID'));
  assert.throws(() => cosignatureVerifier(logKey), withCode('TLOG_KEY_INVALID'));
});

/** The structure that an ML-DSA-44 witness signs; lengths beyond a byte wrap, as a forger's may. */
function subtreeMessage(cosigner: string, origin: string, size: number, root: Uint8Array): Buffer {
  const numbers = [TIME, 0, size].map((n) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(n));
    return bytes;
  });
  const [time = Buffer.alloc(0), start = Buffer.alloc(0), end = Buffer.alloc(0)] = numbers;
  const labelled = (text: string): Buffer =>
    Buffer.concat([Buffer.of(text.length % 256), Buffer.from(text)]);
  return Buffer.concat([
    Buffer.from('subtree/v1\n\0', 'latin1'),
    labelled(cosigner),
    time,
    labelled(origin),
    start,
    end,
    root,
  ]);
}

test('an ML-DSA-44 cosignature verifies, with names of at most 255 bytes', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ml-dsa-44');
  const root = sha256('root');
  const verdict = (cosigner: string, origin: string): boolean => {
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(BigInt(TIME));
    const raw = sign(null, subtreeMessage(cosigner, origin, 7, root), privateKey);
    const verifier = cosignatureVerifier(noteKey(cosigner, publicKey, COSIGNATURE_ML_DSA_44));
    const signature = Buffer.concat([time, raw]);
    assert.ok(!verifier.verify(formatCheckpoint(origin, 8, root), signature));
    assert.ok(!verifier.verify(formatCheckpoint(origin, 7, root), signature.subarray(0, -1)));
    return verifier.verify(formatCheckpoint(origin, 7, root), signature);
  };

  assert.ok(verdict('witness.example/pq', ORIGIN));
  assert.ok(verdict('w'.repeat(255), 'o'.repeat(255)));
  assert.ok(!verdict('w'.repeat(256), ORIGIN));
  assert.ok(!verdict('witness.example/pq', 'o'.repeat(256)));
});

test('an ML-DSA-44 cosignature is made as it is verified, and is the structure of the specification', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ml-dsa-44');
  const pq = mlDsa44Signer(privateKey);
  const pqKey = noteKey('witness.example/pq', publicKey, COSIGNATURE_ML_DSA_44);

  const line = await cosign(text, pqKey, pq, TIME);

  const { signature } = parseSignatureLine(line.trimEnd());
  assert.equal(signature.length, 8 + 2420);
  assert.equal(cosignatureTime(signature), TIME);
  const verifier = cosignatureVerifier(pqKey);
  assert.ok(verifier.verify(text, signature));
  assert.ok(!verifier.verify(text.replace('7', '8'), signature));
  const message = subtreeMessage('witness.example/pq', ORIGIN, 7, sha256('root'));
  assert.ok(verify(null, message, publicKey, signature.subarray(8)));
});

test('an ML-DSA-44 cosignature names what has at most 255 bytes, and is made by a private key', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ml-dsa-44');
  const pq = mlDsa44Signer(privateKey);
  const named = (name: string): NoteKey => noteKey(name, publicKey, COSIGNATURE_ML_DSA_44);
  const longOrigin = formatCheckpoint('o'.repeat(256), 7, sha256('root'));

  assert.ok(await cosign(text, named('w'.repeat(255)), pq, TIME));
  await assert.rejects(
    cosign(text, named('w'.repeat(256)), pq, TIME),
    withCode('TLOG_KEY_INVALID'),
  );
  await assert.rejects(cosign(longOrigin, named('w'), pq, TIME), withCode('TLOG_KEY_INVALID'));
  const { privateKey: ed25519 } = generateKeyPairSync('ed25519');
  for (const key of [publicKey, ed25519, createSecretKey(Buffer.alloc(32))]) {
    assert.throws(() => mlDsa44Signer(key), withCode('TLOG_KEY_INVALID'));
  }
});
