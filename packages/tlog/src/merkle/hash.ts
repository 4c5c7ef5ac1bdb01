/**
 * The hashes of the Merkle tree: RFC 6962 section 2.1 (RFC 9162 section 2.1.1) with SHA-256.
 *
 * A leaf is SHA-256(0x00 || entry) and a node SHA-256(0x01 || left || right), so that no node can
 * be passed off as an entry. Pure.
 *
 * @module
 */
import { sha256 } from '@proofmark/core';

/** Bytes of every hash in the tree. */
export const HASH_BYTES = 32;

/** The root of the tree without entries: SHA-256 of the empty string. */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0));

/** The hash of an entry as a leaf. */
export function leafHash(entry: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + entry.length);
  input.set(entry, 1);
  return sha256(input);
}

/** The hash of the node over two hashes of 32 bytes. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + 2 * HASH_BYTES);
  input[0] = 1;
  input.set(left, 1);
  input.set(right, 1 + HASH_BYTES);
  return sha256(input);
}

/** Whether two hashes are the same bytes. Hashes are public: time is not a secret here. */
export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
