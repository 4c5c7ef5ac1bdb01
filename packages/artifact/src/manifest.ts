/**
 * What a model folder holds: every file by path, size and SHA-256, and the two digests over them.
 *
 * - `omsRoot`: SHA-256 over the raw file digests in order, as OpenSSF Model Signing v1.0 defines it
 *   (section 6.5.1). It does not bind names.
 * - `manifestDigest`: SHA-256 of the canonical JSON of the sorted resource list with names and sizes
 *   (docs/spec/manifest-digest.md). This one is the identity that decisions use.
 *
 * Files are ordered by the bytes of their path in UTF-8: the order of code points, which is the
 * specification's (5.2.1) and not JavaScript's default.
 *
 * @module
 */
import { canonicalJson, excerpt, isSha256Hex, sha256Hex } from '@proofmark/core';

import { ArtifactError } from './errors.ts';

export interface ManifestFile {
  /** Relative, `/`-separated, without `.` or `..`. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Lowercase hex. */
  readonly sha256: string;
}

export interface Manifest {
  readonly files: readonly ManifestFile[];
  readonly totalBytes: number;
  readonly omsRoot: string;
  readonly manifestDigest: string;
}

const MAX_PATH_BYTES = 4096;
// Control characters, and the separator of another system.
const FORBIDDEN = /[\u0000-\u001f\u007f\\]/;

/**
 * Puts files together; their order does not matter.
 *
 * @throws {ArtifactError} ARTIFACT_EMPTY, ARTIFACT_PATH_ESCAPES_ROOT, ARTIFACT_MANIFEST_INVALID
 */
export function createManifest(files: readonly ManifestFile[]): Manifest {
  if (files.length === 0) {
    throw new ArtifactError('ARTIFACT_EMPTY', 'cannot make a manifest: there is no file');
  }
  const sorted = files.toSorted((a, b) => comparePaths(a.path, b.path));
  const paths = new Set<string>();
  for (const { path } of sorted) {
    checkPath(path);
    if (paths.has(path)) throw escapes(path, 'it is listed twice');
    // A folder sorts after a file of its own name, so the file is in the set already.
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
      if (paths.has(path.slice(0, at))) throw escapes(path, 'a part of it is a file');
    }
    paths.add(path);
  }
  return Object.freeze({
    files: Object.freeze(sorted),
    totalBytes: sorted.reduce((sum, file) => sum + file.sizeBytes, 0),
    omsRoot: omsRoot(sorted.map((file) => file.sha256)),
    manifestDigest: manifestDigest(sorted),
  });
}

/** SHA-256 over the concatenated raw digests, in the order given. */
export function omsRoot(digests: readonly string[]): string {
  return sha256Hex(Buffer.concat(digests.map((digest) => Buffer.from(digest, 'hex'))));
}

/** Order of code points, which is the order of UTF-8 bytes. */
export function comparePaths(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const difference = rank(a.charCodeAt(i)) - rank(b.charCodeAt(i));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Halves of a pair stand for code points above U+FFFF, so they rank above the units after them. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** Refuses a path that could leave the folder or fool a reader. @throws {ArtifactError} ARTIFACT_PATH_ESCAPES_ROOT */
export function checkPath(path: string): void {
  if (path === '' || Buffer.byteLength(path) > MAX_PATH_BYTES || !path.isWellFormed()) {
    throw escapes(path, 'it is empty, too long or not well-formed');
  }
  if (FORBIDDEN.test(path)) throw escapes(path, 'it holds a control character or a backslash');
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) throw escapes(path, 'it is absolute');
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    throw escapes(path, 'it has an empty, "." or ".." part');
  }
}

function manifestDigest(sorted: readonly ManifestFile[]): string {
  const resources = sorted.map(({ path, sizeBytes, sha256 }) => {
    if (!isSha256Hex(sha256) || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
      throw new ArtifactError(
        'ARTIFACT_MANIFEST_INVALID',
        `cannot make a manifest: "${excerpt(path)}" has a malformed digest or size`,
        { details: { path: excerpt(path) } },
      );
    }
    return { name: path, algorithm: 'sha256', digest: sha256, size: sizeBytes };
  });
  return sha256Hex(canonicalJson({ resources }));
}

function escapes(path: string, why: string): ArtifactError {
  return new ArtifactError(
    'ARTIFACT_PATH_ESCAPES_ROOT',
    `cannot take the path "${excerpt(path)}": ${why}`,
    { details: { path: excerpt(path) } },
  );
}
