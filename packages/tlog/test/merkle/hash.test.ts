import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sha256 } from '@proofmark/core';

import { EMPTY_ROOT, leafHash, nodeHash, sameHash } from '../../src/merkle/hash.ts';
import { hex } from '../world.ts';

test('a leaf is the SHA-256 of a zero byte and the entry', () => {
  assert.deepEqual(Buffer.from(leafHash(hex('2021'))), Buffer.from(sha256(hex('002021'))));
});

test('a node is the SHA-256 of a one byte and both hashes, in order', () => {
  const left = sha256('left');
  const right = sha256('right');

  const node = nodeHash(left, right);

  assert.ok(sameHash(node, sha256(Buffer.concat([hex('01'), left, right]))));
  assert.ok(!sameHash(node, nodeHash(right, left)));
});

test('the root of the empty tree is the SHA-256 of nothing', () => {
  assert.equal(
    Buffer.from(EMPTY_ROOT).toString('hex'),
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  );
});

test('sameHash() compares every byte and the length', () => {
  const hash = sha256('x');

  assert.ok(sameHash(hash, Uint8Array.from(hash)));
  assert.ok(!sameHash(hash, hash.subarray(0, 31)));
  assert.ok(!sameHash(hash.subarray(0, 31), hash));
  for (let at = 0; at < 32; at += 1) {
    const other = Uint8Array.from(hash);
    other[at] = (other[at] ?? 0) ^ 1;
    assert.ok(!sameHash(hash, other));
  }
});
