/**
 * A sealed file as it is opened: read-only, ours, with one name, and, on request, hashed through the
 * descriptor that the caller goes on to use.
 *
 * @module
 */
import { closeSync, fstatSync } from 'node:fs';
import type { Stats } from 'node:fs';

import { excerpt } from '@proofmark/core';

import { ArtifactError } from './errors.ts';
import { hashDescriptor, openFile } from './file-hash.ts';
import type { ManifestFile } from './manifest.ts';

/** An open sealed file. The caller closes it. */
export interface SealedFile {
  readonly fd: number;
  readonly sha256: string;
  readonly sizeBytes: number;
  close(): void;
}

/** Opens after checking owner, mode, links and kind. @throws {ArtifactError} ARTIFACT_SEALED_MISMATCH */
export function openSealed(file: string, sha256: string): SealedFile {
  let fd: number;
  try {
    fd = openFile(file);
  } catch (cause) {
    throw sealedMismatch(sha256, 'it is missing or not a plain file', cause);
  }
  const stat = fstatSync(fd);
  const why = unsound(stat);
  if (why === null) return { fd, sha256, sizeBytes: stat.size, close: () => closeSync(fd) };
  closeSync(fd);
  throw sealedMismatch(sha256, why);
}

/** `openSealed`, then every byte. @throws {ArtifactError} ARTIFACT_SEALED_MISMATCH */
export function openVerified(file: string, expected: ManifestFile): SealedFile {
  const sealed = openSealed(file, expected.sha256);
  try {
    const hashed = hashDescriptor(sealed.fd, expected.path);
    if (hashed.sha256 !== expected.sha256 || hashed.sizeBytes !== expected.sizeBytes) {
      throw sealedMismatch(
        expected.sha256,
        `its bytes are not those of "${excerpt(expected.path)}"`,
      );
    }
    return sealed;
  } catch (error) {
    sealed.close();
    throw error;
  }
}

function unsound({ uid, mode, nlink }: Stats): string | null {
  if (process.getuid !== undefined && uid !== process.getuid()) {
    return 'it belongs to another user';
  }
  if ((mode & 0o222) !== 0) return 'it is writable';
  return nlink === 1 ? null : 'it has a second name';
}

export function sealedMismatch(sha256: string, why: string, cause?: unknown): ArtifactError {
  return new ArtifactError(
    'ARTIFACT_SEALED_MISMATCH',
    `cannot use sealed file ${excerpt(sha256).slice(0, 12)}: ${why}; remove it and push the version again`,
    { details: { sha256: excerpt(sha256) }, ...(cause === undefined ? {} : { cause }) },
  );
}
