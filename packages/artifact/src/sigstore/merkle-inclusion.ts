/**
 * RFC 9162 section 2.1.3.2: is a leaf in the tree of a root?
 *
 * The index, the size and the hashes are attacker-controlled; nothing is believed before this
 * returns. Sizes are safe integers, so bits are taken by division.
 *
 * @module
 */
import { sha256 } from '@proofmark/core';

const HASH_BYTES = 32;

export interface LeafClaim {
  readonly index: number;
  readonly size: number;
  readonly leaf: Uint8Array;
  readonly hashes: readonly Uint8Array[];
}

/** The root that the path leads to; `null` when the path fits no such place in no such tree. */
export function rootOf({ index, size, leaf, hashes }: LeafClaim): Uint8Array | null {
  if (index >= size || hashes.some((hash) => hash.length !== HASH_BYTES)) return null;
  let at = index;
  let last = size - 1;
  let node = sha256(Buffer.concat([Buffer.from([0]), leaf]));
  for (const hash of hashes) {
    if (last === 0) return null;
    const isRight = at % 2 === 1;
    if (isRight || at === last) {
      node = parent(hash, node);
      // Levels where this node is the last and has no sibling are skipped.
      while (at % 2 === 0 && at !== 0) {
        at = half(at);
        last = half(last);
      }
    } else {
      node = parent(node, hash);
    }
    at = half(at);
    last = half(last);
  }
  return last === 0 ? node : null;
}

function parent(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(Buffer.concat([Buffer.from([1]), left, right]));
}

function half(value: number): number {
  return Math.floor(value / 2);
}
