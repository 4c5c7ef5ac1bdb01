/**
 * Model bytes by digest: `sha256/<first two hex>/<digest>`, read-only, written once.
 *
 * Taking a file in copies it into a new inode that only this store ever had open for writing, hashes
 * the bytes on the way, syncs, closes, makes the inode read-only and moves it to the name of its
 * digest. A file that is there is never written again, so files that two versions share are kept
 * once and a broken-off ingest goes on where it stopped. A crash leaves at most a file in `tmp/`,
 * which the next opening removes.
 *
 * What this proves: bytes that were opened here and hashed through the same descriptor cannot be
 * changed by another user afterwards. The owner of the store and root can; `open` checks what can
 * be checked (owner, mode, links, size) and `openVerified` hashes through the descriptor.
 *
 * @module
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { excerpt, isSha256Hex } from '@proofmark/core';

import { ArtifactError } from './errors.ts';
import { hashDescriptor, openFile } from './file-hash.ts';
import type { HashOptions } from './hash.ts';
import type { Manifest, ManifestFile } from './manifest.ts';
import { walkFolder } from './walk.ts';
import type { WalkedFile } from './walk.ts';

/** An open sealed file. The caller closes it. */
export interface SealedFile {
  readonly fd: number;
  readonly sha256: string;
  readonly sizeBytes: number;
  close(): void;
}

export interface SealedStore {
  readonly root: string;
  /**
   * Takes in every file of the manifest from `folder`; resumes, and skips what is there.
   *
   * @throws {ArtifactError} ARTIFACT_CONTENT_MISMATCH when a file is not what the manifest says
   */
  ingest(folder: string, manifest: Manifest, options?: HashOptions): Promise<void>;
  has(sha256: string): boolean;
  /** Opens after checking owner, mode, links and kind. @throws {ArtifactError} ARTIFACT_SEALED_MISMATCH */
  open(sha256: string): SealedFile;
  /** `open`, then hashes through the descriptor. @throws {ArtifactError} ARTIFACT_SEALED_MISMATCH */
  openVerified(file: ManifestFile): SealedFile;
}

const CHUNK_BYTES = 1 << 20;

/** Opens the store, making it if needed, and removes what a crash left behind. */
export function openSealedStore(root: string): SealedStore {
  const temporary = path.join(root, 'tmp');
  const placed = path.join(root, 'sha256');
  for (const folder of [root, temporary, placed])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  const own = `${process.pid}-`;
  for (const name of readdirSync(temporary)) {
    const pid = Number(name.split('-')[0]);
    if (name.startsWith(own) || isAlive(pid)) continue;
    rmSync(path.join(temporary, name), { force: true });
  }
  const place = (sha256: string): string => {
    if (!isSha256Hex(sha256)) throw mismatch(sha256, 'it is not a SHA-256 digest');
    return path.join(placed, sha256.slice(0, 2), sha256);
  };
  const has = (sha256: string): boolean => existsSync(place(sha256));
  return {
    root,
    has,
    open: (sha256) => openSealed(place(sha256), sha256),
    openVerified: (file) => openVerified(place(file.sha256), file),
    async ingest(folder, manifest, options = {}) {
      const walked = new Map(walkFolder(folder, options).map((file) => [file.path, file]));
      let bytesDone = 0;
      for (const file of manifest.files) {
        await nextTurn();
        if (options.signal?.aborted === true) throw cancelled(options.signal);
        if (!has(file.sha256)) {
          const target = place(file.sha256);
          takeIn(requireWalked(walked, file), file, { target, temporary, own });
        }
        bytesDone += file.sizeBytes;
        options.onProgress?.({ bytesDone, bytesTotal: manifest.totalBytes });
      }
    },
  };
}

function requireWalked(walked: ReadonlyMap<string, WalkedFile>, file: ManifestFile): WalkedFile {
  const source = walked.get(file.path);
  if (source !== undefined) return source;
  throw new ArtifactError(
    'ARTIFACT_CONTENT_MISMATCH',
    `cannot seal the model: "${excerpt(file.path)}" is missing`,
    { details: { path: excerpt(file.path) } },
  );
}

interface Placement {
  readonly target: string;
  readonly temporary: string;
  readonly own: string;
}

function takeIn(source: WalkedFile, file: ManifestFile, placement: Placement): void {
  const draft = path.join(placement.temporary, `${placement.own}${randomBytes(8).toString('hex')}`);
  const from = openFile(source.absolute);
  try {
    const sha256 = copyHashed(from, draft);
    if (sha256 !== file.sha256) {
      throw new ArtifactError(
        'ARTIFACT_CONTENT_MISMATCH',
        `cannot seal the model: "${excerpt(file.path)}" is not what was verified`,
        { details: { path: excerpt(file.path) } },
      );
    }
    const folder = path.dirname(placement.target);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    renameSync(draft, placement.target);
    syncFolder(folder);
    syncFolder(path.dirname(folder));
  } finally {
    closeSync(from);
    rmSync(draft, { force: true });
  }
}

/** Copies into a new inode, durably, and returns the digest of what was written. */
function copyHashed(from: number, draft: string): string {
  const to = openSync(draft, 'wx', 0o600);
  try {
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      const count = readSync(from, buffer, 0, buffer.length, null);
      if (count === 0) break;
      const chunk = buffer.subarray(0, count);
      hash.update(chunk);
      for (let at = 0; at < count;) at += writeSync(to, chunk, at);
    }
    fsyncSync(to);
    fchmodSync(to, 0o444);
    return hash.digest('hex');
  } finally {
    closeSync(to);
  }
}

function openSealed(file: string, sha256: string): SealedFile {
  if (!existsSync(file)) throw mismatch(sha256, 'it is not in the store');
  const fd = openFile(file);
  const { uid, mode, nlink, size } = fstatSync(fd);
  const why =
    process.getuid !== undefined && uid !== process.getuid()
      ? 'it belongs to another user'
      : (mode & 0o222) !== 0
        ? 'it is writable'
        : nlink !== 1
          ? 'it has a second name'
          : null;
  if (why !== null) {
    closeSync(fd);
    throw mismatch(sha256, why);
  }
  return { fd, sha256, sizeBytes: size, close: () => closeSync(fd) };
}

function openVerified(file: string, expected: ManifestFile): SealedFile {
  const sealed = openSealed(file, expected.sha256);
  try {
    const hashed = hashDescriptor(sealed.fd, expected.path);
    if (hashed.sha256 !== expected.sha256 || hashed.sizeBytes !== expected.sizeBytes) {
      throw mismatch(expected.sha256, `its bytes are not those of "${excerpt(expected.path)}"`);
    }
    return sealed;
  } catch (error) {
    sealed.close();
    throw error;
  }
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function cancelled(signal: AbortSignal): ArtifactError {
  return new ArtifactError('ARTIFACT_CANCELLED', 'cannot seal the model: it was cancelled', {
    cause: signal.reason,
  });
}

function mismatch(sha256: string, why: string): ArtifactError {
  return new ArtifactError(
    'ARTIFACT_SEALED_MISMATCH',
    `cannot use sealed file ${excerpt(sha256).slice(0, 12)}: ${why}; remove it and push the version again`,
    { details: { sha256: excerpt(sha256) } },
  );
}
