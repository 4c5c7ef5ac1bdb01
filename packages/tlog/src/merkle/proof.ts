/**
 * Inclusion and consistency proofs: RFC 6962 sections 2.1.1 and 2.1.2 to build, RFC 9162 sections
 * 2.1.3.2 and 2.1.4.2 to verify.
 *
 * Building says which nodes a proof needs and leaves reading them to the caller. Verifying takes
 * attacker-controlled sizes, indices and hashes: everything is untrusted until the function returns.
 * Sizes are safe integers (below 2^53), so bits are taken by division and never by 32-bit operators.
 * Pure.
 *
 * @module
 */
import { TlogError } from '../errors.ts';
import { EMPTY_ROOT, HASH_BYTES, nodeHash, sameHash } from './hash.ts';

/** The root of the complete subtree over entries `index * 2^level` to `(index + 1) * 2^level - 1`. */
export interface NodeId {
  readonly level: number;
  readonly index: number;
}

/** One hash of a proof: complete subtrees, left to right, that fold into it. Never empty. */
export type ProofElement = readonly NodeId[];

/** More hashes than any tree of safe size needs. */
export const MAX_PROOF_HASHES = 63;

export interface InclusionClaim {
  readonly index: number;
  readonly size: number;
  readonly leafHash: Uint8Array;
  /** From the sibling of the leaf up to the child of the root. */
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
}

export interface ConsistencyClaim {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly size: number;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/**
 * What the inclusion proof of entry `index` in the tree of `size` entries consists of.
 *
 * @throws {TlogError} TLOG_RANGE_INVALID unless 0 <= index < size
 */
export function inclusionElements(index: number, size: number): readonly ProofElement[] {
  if (!isSize(index) || !isSize(size) || index >= size) {
    throw outOfRange(`entry ${index} of a tree of ${size}`);
  }
  const elements: ProofElement[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + split(end - start);
    if (index < middle) {
      elements.push(completeSubtrees(middle, end));
      end = middle;
    } else {
      elements.push(completeSubtrees(start, middle));
      start = middle;
    }
  }
  return elements.toReversed();
}

/**
 * What the consistency proof from `oldSize` to `size` consists of. It is empty from the empty tree,
 * which every tree extends, and between equal sizes.
 *
 * @throws {TlogError} TLOG_RANGE_INVALID unless 0 <= oldSize <= size
 */
export function consistencyElements(oldSize: number, size: number): readonly ProofElement[] {
  if (!isSize(oldSize) || !isSize(size) || oldSize > size) {
    throw outOfRange(`a tree of ${oldSize} within one of ${size}`);
  }
  if (oldSize === 0 || oldSize === size) return [];
  const elements: ProofElement[] = [];
  let start = 0;
  let end = size;
  while (end !== oldSize) {
    const middle = start + split(end - start);
    if (oldSize <= middle) {
      elements.push(completeSubtrees(middle, end));
      end = middle;
    } else {
      elements.push(completeSubtrees(start, middle));
      start = middle;
    }
  }
  // The verifier knows the old root: the remaining subtree is omitted when it is that whole tree.
  if (start !== 0) elements.push(completeSubtrees(start, end));
  return elements.toReversed();
}

/** The complete subtrees of entries `start` to `end - 1`, left to right. `start` is 0 or a split point. */
export function completeSubtrees(start: number, end: number): ProofElement {
  const nodes: NodeId[] = [];
  for (let at = start; at < end;) {
    let width = 1;
    let level = 0;
    while (width * 2 <= end - at) {
      width *= 2;
      level += 1;
    }
    nodes.push({ level, index: at / width });
    at += width;
  }
  return nodes;
}

/** The hash over complete subtrees of falling height, left to right. At least one is needed. */
export function foldSubtrees(hashes: readonly Uint8Array[]): Uint8Array {
  const last = hashes.at(-1);
  if (last === undefined) throw outOfRange('a fold over no hashes');
  return hashes.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last);
}

/**
 * Checks that the leaf is at `index` of the tree of `size` entries with this root.
 *
 * @throws {TlogError} TLOG_PROOF_INVALID
 */
export function verifyInclusion(claim: InclusionClaim): void {
  const { index, size, proof } = claim;
  if (!isSize(index) || !isSize(size) || index >= size)
    throw refuse('the index is not in the tree');
  checkHashes([claim.leafHash, claim.root, ...proof]);
  let node = index;
  let last = size - 1;
  let hash = claim.leafHash;
  for (const sibling of proof) {
    if (last === 0) throw refuse('the proof is too long');
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      [node, last] = skipToRightChild(node, last);
    } else {
      hash = nodeHash(hash, sibling);
    }
    node = half(node);
    last = half(last);
  }
  if (last !== 0) throw refuse('the proof is too short');
  if (!sameHash(hash, claim.root)) throw refuse('it leads to another root');
}

/**
 * Checks that the tree of `size` entries begins with the tree of `oldSize` entries.
 *
 * @throws {TlogError} TLOG_PROOF_INVALID
 */
export function verifyConsistency(claim: ConsistencyClaim): void {
  const { oldSize, oldRoot, size, root, proof } = claim;
  if (!isSize(oldSize) || !isSize(size) || oldSize > size) throw refuse('the tree became smaller');
  checkHashes([oldRoot, root, ...proof]);
  if (oldSize === 0 || oldSize === size) {
    if (proof.length !== 0) throw refuse('the proof must be empty here');
    const expected = oldSize === size ? root : EMPTY_ROOT;
    if (!sameHash(oldRoot, expected)) throw refuse('it leads to another root');
    return;
  }
  const roots = replayConsistency(claim);
  if (!sameHash(roots.old, oldRoot)) throw refuse('it leads to another old root');
  if (!sameHash(roots.now, root)) throw refuse('it leads to another root');
}

/** RFC 9162 section 2.1.4.2 for 0 < oldSize < size: the two roots that the proof leads to. */
function replayConsistency(claim: ConsistencyClaim): { old: Uint8Array; now: Uint8Array } {
  // When the old tree is one complete subtree its root stands in for the first hash of the proof.
  const path = isPowerOfTwo(claim.oldSize) ? [claim.oldRoot, ...claim.proof] : claim.proof;
  const [first, ...rest] = path;
  if (first === undefined) throw refuse('the proof is too short');
  let node = claim.oldSize - 1;
  let last = claim.size - 1;
  while (node % 2 === 1) {
    node = half(node);
    last = half(last);
  }
  let old = first;
  let now = first;
  for (const hash of rest) {
    if (last === 0) throw refuse('the proof is too long');
    if (node % 2 === 1 || node === last) {
      old = nodeHash(hash, old);
      now = nodeHash(hash, now);
      [node, last] = skipToRightChild(node, last);
    } else {
      now = nodeHash(now, hash);
    }
    node = half(node);
    last = half(last);
  }
  if (last !== 0) throw refuse('the proof is too short');
  return { old, now };
}

/** Climbs the levels at which a left-over right edge has no sibling; `node` is above 0. */
function skipToRightChild(node: number, last: number): [number, number] {
  let [n, l] = [node, last];
  while (n % 2 === 0) {
    n = half(n);
    l = half(l);
  }
  return [n, l];
}

/** The largest power of two below `n`, for n > 1. */
function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

function isPowerOfTwo(n: number): boolean {
  let k = 1;
  while (k < n) k *= 2;
  return k === n;
}

function half(n: number): number {
  return Math.floor(n / 2);
}

function isSize(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0;
}

function checkHashes(hashes: readonly Uint8Array[]): void {
  if (hashes.some((hash) => hash.length !== HASH_BYTES)) throw refuse('a hash is not 32 bytes');
}

function refuse(why: string): TlogError {
  return new TlogError(
    'TLOG_PROOF_INVALID',
    `cannot accept the Merkle proof: ${why}; get the proof again from the log`,
  );
}

function outOfRange(what: string): TlogError {
  return new TlogError(
    'TLOG_RANGE_INVALID',
    `cannot build a Merkle proof for ${what}: there is no such thing; ask for an entry below the size of the checkpoint`,
  );
}
