/**
 * Lists the files of a model folder without following anything out of it.
 *
 * Symbolic links are refused, or, for a Hugging Face snapshot, resolved while the folder is taken in
 * and only into that snapshot's own `blobs`. Devices, sockets and pipes are always refused. What is
 * ignored is ignored at the top level only, as OpenSSF Model Signing does (section 6.2).
 *
 * @module
 */
import { lstatSync, readdirSync, realpathSync } from 'node:fs';
import type { Stats } from 'node:fs';
import path from 'node:path';

import { excerpt } from '@proofmark/core';

import { ArtifactError } from './errors.ts';
import { checkPath, comparePaths } from './manifest.ts';

export interface WalkOptions {
  /** Names at the top level that are left out, beside the default ones. */
  readonly ignore?: readonly string[];
  /** `huggingface` resolves links of a `snapshots/<commit>` folder into its `blobs` folder. */
  readonly symlinks?: 'refuse' | 'huggingface';
}

export interface WalkedFile {
  /** Relative path as the manifest has it. */
  readonly path: string;
  /** Where the bytes are: the file itself, or the blob that a snapshot's link names. */
  readonly absolute: string;
  readonly sizeBytes: number;
}

/** Left out at the top level, as the reference implementation does. */
export const DEFAULT_IGNORED: readonly string[] = [
  '.git',
  '.gitattributes',
  '.github',
  '.gitignore',
];

const MAX_FILES = 1_000_000;
const MAX_DEPTH = 64;

/**
 * Lists every file below `folder`, in manifest order.
 *
 * @throws {ArtifactError} ARTIFACT_UNREADABLE, ARTIFACT_FILE_KIND_REFUSED, ARTIFACT_TOO_LARGE,
 *   ARTIFACT_PATH_ESCAPES_ROOT
 */
export function walkFolder(folder: string, options: WalkOptions = {}): WalkedFile[] {
  const ignored = new Set([...DEFAULT_IGNORED, ...(options.ignore ?? [])]);
  const found: WalkedFile[] = [];
  const pending: { readonly relative: string; readonly depth: number }[] = [
    { relative: '', depth: 0 },
  ];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { relative, depth } = next;
    if (depth > MAX_DEPTH) throw tooLarge(`folders deeper than ${MAX_DEPTH}`);
    for (const name of listNames(path.join(folder, relative))) {
      if (relative === '' && ignored.has(name)) continue;
      const child = relative === '' ? name : `${relative}/${name}`;
      checkPath(child);
      const entry = inspect(folder, child, options.symlinks ?? 'refuse');
      if (entry === 'folder') pending.push({ relative: child, depth: depth + 1 });
      else found.push(entry);
      if (found.length + pending.length > MAX_FILES) throw tooLarge(`more than ${MAX_FILES} files`);
    }
  }
  return found.toSorted((a, b) => comparePaths(a.path, b.path));
}

function listNames(folder: string): string[] {
  try {
    // Names that are not UTF-8 come back with replacement characters and could then name another
    // file: read them as bytes and refuse those that do not survive the round trip.
    return readdirSync(folder, { encoding: 'buffer' }).map((name) => {
      const text = name.toString('utf8');
      if (!Buffer.from(text, 'utf8').equals(name)) throw new Error('a name is not UTF-8');
      return text;
    });
  } catch (cause) {
    throw unreadable(folder, cause);
  }
}

function inspect(
  folder: string,
  child: string,
  symlinks: 'refuse' | 'huggingface',
): WalkedFile | 'folder' {
  const absolute = path.join(folder, child);
  const stat = stats(absolute);
  if (stat.isDirectory()) return 'folder';
  if (stat.isFile()) return { path: child, absolute, sizeBytes: stat.size };
  if (stat.isSymbolicLink() && symlinks === 'huggingface') {
    return resolveSnapshotLink(folder, child);
  }
  const kind = stat.isSymbolicLink() ? 'a symbolic link' : 'not a regular file';
  throw new ArtifactError(
    'ARTIFACT_FILE_KIND_REFUSED',
    `cannot take "${excerpt(child)}": it is ${kind}; replace it by the file itself`,
    { details: { path: excerpt(child) } },
  );
}

/** `models--x/snapshots/<commit>/file` may link to `models--x/blobs/<digest>` and nowhere else. */
function resolveSnapshotLink(folder: string, child: string): WalkedFile {
  const blobs = path.join(realpathSync(folder), '..', '..', 'blobs');
  let target: string;
  try {
    target = realpathSync(path.join(folder, child));
  } catch (cause) {
    throw unreadable(child, cause);
  }
  const stat = stats(target);
  if (path.dirname(target) !== blobs || !stat.isFile()) {
    throw new ArtifactError(
      'ARTIFACT_FILE_KIND_REFUSED',
      `cannot take "${excerpt(child)}": its link leaves the snapshot's blobs folder`,
      { details: { path: excerpt(child) } },
    );
  }
  return { path: child, absolute: target, sizeBytes: stat.size };
}

function stats(file: string): Stats {
  try {
    return lstatSync(file);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(what: string, cause: unknown): ArtifactError {
  return new ArtifactError(
    'ARTIFACT_UNREADABLE',
    `cannot read ${excerpt(what)}: ${cause instanceof Error ? excerpt(cause.message) : 'unreadable'}`,
    { cause },
  );
}

function tooLarge(what: string): ArtifactError {
  return new ArtifactError('ARTIFACT_TOO_LARGE', `cannot take the folder: it has ${what}`);
}
