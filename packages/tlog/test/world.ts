/**
 * What several tests of the log need: keys, folders that go away, vectors, entries.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';

import { sha256, sha256Hex, signer } from '@proofmark/core';
import type { Signer } from '@proofmark/core';

import { encodeEntry } from '../src/entry.ts';
import { TlogError } from '../src/errors.ts';
import type { TlogErrorCode } from '../src/errors.ts';
import { leafHash, nodeHash } from '../src/merkle/hash.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

export const ORIGIN = 'example.com/log';
export const NOW_MS = 1_795_400_000_000;

/** The Ed25519 signer whose seed is SHA-256 of `name`: the same in every run. */
export function testSigner(name: string): Signer {
  const key = Buffer.concat([PKCS8_ED25519, sha256(name)]);
  return signer(createPrivateKey({ key, format: 'der', type: 'pkcs8' }));
}

/** A folder that is removed after the test. */
export function testFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'tlog-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Reads `vectors/tlog/NAME.json`; the caller states the shape that the vectors have. */
export function readVectors(name: string): unknown {
  return JSON.parse(readFileSync(path.join(ROOT, 'vectors/tlog', `${name}.json`), 'utf8'));
}

/** The folder of public test vectors beside the checkout, which may be absent. */
export function sharedVectors(name: string): string {
  return path.join(ROOT, '../shared/vectors', name);
}

/** Different entries, as the project logs them. */
export function testEntries(count: number, from = 0): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, at) =>
    encodeEntry({ kind: 'test', digest: sha256Hex(String(from + at)) }),
  );
}

/** The root by the recursive definition of RFC 6962 section 2.1, independent of the source. */
export function definitionRoot(entries: readonly Uint8Array[]): Uint8Array {
  const [only] = entries;
  if (only === undefined) return sha256('');
  if (entries.length === 1) return leafHash(only);
  const k = 2 ** Math.ceil(Math.log2(entries.length) - 1);
  return nodeHash(definitionRoot(entries.slice(0, k)), definitionRoot(entries.slice(k)));
}

/** For `assert.throws` and `assert.rejects`: a TlogError with this code. */
export function withCode(code: TlogErrorCode): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof TlogError, String(error));
    assert.equal(error.code, code, error.message);
    assert.ok(error.message.startsWith('cannot '), error.message);
    return true;
  };
}

export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The value, for tests that have just made sure that it is there. */
export function present<T>(value: T | null | undefined): T {
  assert.ok(value !== undefined && value !== null);
  return value;
}

/** A copy with one bit changed. */
export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const at = Math.floor(bit / 8) % copy.length;
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit % 8));
  return copy;
}
