import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';

import { rootOf } from '../../src/sigstore/merkle-inclusion.ts';

const hash = (...parts: readonly Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest();
const leafOf = (index: number): Buffer => Buffer.from(`leaf ${index}`);

/** RFC 6962 section 2.1, by its definition. */
function treeRoot(from: number, to: number): Buffer {
  if (to - from === 1) return hash(Buffer.from([0]), leafOf(from));
  const middle = from + split(to - from);
  return hash(Buffer.from([1]), treeRoot(from, middle), treeRoot(middle, to));
}

function pathOf(index: number, from: number, to: number): Buffer[] {
  if (to - from === 1) return [];
  const middle = from + split(to - from);
  return index < middle
    ? [...pathOf(index, from, middle), treeRoot(middle, to)]
    : [...pathOf(index, middle, to), treeRoot(from, middle)];
}

function split(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

test('every leaf of every tree up to 20 leads to its root', () => {
  for (let size = 1; size <= 20; size += 1) {
    for (let index = 0; index < size; index += 1) {
      const claim = { index, size, leaf: leafOf(index), hashes: pathOf(index, 0, size) };

      assert.deepEqual(Buffer.from(rootOf(claim) ?? []), treeRoot(0, size));
    }
  }
});

test('a path does not lead to the root from another place, leaf, or number of hashes', () => {
  const size = 13;
  const root = treeRoot(0, size).toString('hex');
  const differs = (claim: Parameters<typeof rootOf>[0]): void => {
    assert.notEqual(Buffer.from(rootOf(claim) ?? []).toString('hex'), root);
  };
  fc.assert(
    fc.property(fc.nat(size - 1), fc.nat(20), (index, other) => {
      const hashes = pathOf(index, 0, size);
      const leaf = leafOf(index);
      if (other !== index) differs({ index: other, size, leaf, hashes });
      if (other !== index) differs({ index, size, leaf: leafOf(other), hashes });
      differs({ index, size, leaf, hashes: hashes.slice(1) });
      differs({ index, size, leaf, hashes: [...hashes, Buffer.alloc(32)] });
      differs({ index, size, leaf, hashes: hashes.map((one) => one.subarray(1)) });
    }),
  );
});
