import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { sha256 } from '@proofmark/core';

import {
  formatCheckpoint,
  logNoteKey,
  openCheckpoint,
  parseCheckpointText,
  signCheckpoint,
} from '../src/checkpoint.ts';
import { EMPTY_ROOT, sameHash } from '../src/merkle/hash.ts';
import { signNote } from '../src/note.ts';
import { ORIGIN, readVectors, testSigner, withCode } from './world.ts';

const vectors = readVectors('checkpoint') as {
  readonly valid: readonly {
    readonly text: string;
    readonly origin: string;
    readonly size: number;
    readonly extensions: readonly string[];
  }[];
  readonly invalid: readonly { readonly name: string; readonly text: string }[];
};
const signer = testSigner('log');
const key = logNoteKey(ORIGIN, signer.publicKey);
const root = sha256('root');

describe('checkpoints on vectors/tlog/checkpoint.json', () => {
  for (const v of vectors.valid) {
    test(`reads size ${v.size} of ${v.origin}`, () => {
      const { origin, size, extensions } = parseCheckpointText(v.text);

      assert.deepEqual(
        { origin, size, extensions },
        { origin: v.origin, size: v.size, extensions: v.extensions },
      );
    });
  }

  for (const v of vectors.invalid) {
    test(`refuses ${v.name}`, () => {
      assert.throws(() => parseCheckpointText(v.text), withCode('TLOG_CHECKPOINT_INVALID'));
    });
  }
});

test('a signed checkpoint opens with the key of its origin', async () => {
  const bytes = await signCheckpoint({ origin: ORIGIN, size: 5, root }, signer);

  const checkpoint = openCheckpoint(bytes, [key]);

  assert.equal(checkpoint.origin, ORIGIN);
  assert.equal(checkpoint.size, 5);
  assert.ok(sameHash(checkpoint.root, root));
});

test('a key is trusted for the origin that is its name and no other', async () => {
  const text = formatCheckpoint('example.com/other', 5, root);
  const otherKey = logNoteKey('example.com/other', testSigner('other').publicKey);
  const signedByTrusted = await signNote(text, ORIGIN, signer);

  assert.throws(() => openCheckpoint(signedByTrusted, [key]), withCode('TLOG_CHECKPOINT_INVALID'));
  assert.throws(
    () => openCheckpoint(signedByTrusted, [key, otherKey]),
    withCode('TLOG_SIGNATURE_INVALID'),
  );
});

test('an empty tree has the empty root', async () => {
  const good = await signCheckpoint({ origin: ORIGIN, size: 0, root: EMPTY_ROOT }, signer);
  const bad = await signCheckpoint({ origin: ORIGIN, size: 0, root }, signer);

  assert.equal(openCheckpoint(good, [key]).size, 0);
  assert.throws(() => openCheckpoint(bad, [key]), withCode('TLOG_CHECKPOINT_INVALID'));
});

test('without a trusted key nothing opens', async () => {
  const bytes = await signCheckpoint({ origin: ORIGIN, size: 5, root }, signer);
  const impostor = logNoteKey(ORIGIN, testSigner('impostor').publicKey);

  assert.throws(() => openCheckpoint(bytes, []), withCode('TLOG_CHECKPOINT_INVALID'));
  assert.throws(() => openCheckpoint(bytes, [impostor]), withCode('TLOG_SIGNATURE_INVALID'));
});
