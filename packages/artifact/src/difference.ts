/**
 * What differs between what was signed and what is there, file by file.
 *
 * @module
 */
import { excerpt } from '@proofmark/core';

import type { ManifestFile } from './manifest.ts';
import { comparePaths } from './manifest.ts';
import type { SignedResource, SignedStatement } from './statement.ts';
import type { RefusedEntry, RefusedKind } from './walk.ts';

export type DifferenceKind = 'changed' | 'missing' | 'extra' | 'renamed' | 'identity' | RefusedKind;

export interface Difference {
  readonly kind: DifferenceKind;
  readonly path: string;
  /** A predicate for a sentence that begins with the path. */
  readonly what: string;
}

/** What is in the folder. A `Manifest` is one in which everything was a file. */
export interface FolderContent {
  readonly files: readonly ManifestFile[];
  /** `null` when there is no file to make a manifest of. */
  readonly manifestDigest: string | null;
  /** What was not hashed because no model may have it. */
  readonly refused?: readonly RefusedEntry[];
}

export interface FolderDifference {
  /** In path order; empty when the folder is exactly what was signed. */
  readonly entries: readonly Difference[];
}

const REFUSED: Readonly<Record<RefusedKind, string>> = {
  symlink: 'is a symbolic link',
  hardlink: 'has a second name elsewhere',
  special: 'is neither a file nor a folder',
};

/** Compares by path and digest; the listed order plays no part. */
export function compareFolder(signed: SignedStatement, content: FolderContent): FolderDifference {
  const { files, manifestDigest, refused = [] } = content;
  const resources = signed.singleFile ? singleFile(signed, files) : signed.resources;
  const there = new Map(files.map((file) => [file.path, file]));
  const listed = new Set(resources.map((resource) => resource.path));
  const replaced = new Set(refused.map((entry) => entry.path));
  const missing = resources.filter(({ path }) => !there.has(path) && !replaced.has(path));
  const extra = files.filter((file) => !listed.has(file.path));
  const renamed = findRenamed(missing, extra);
  const newNames = new Set(renamed.values());
  const entries: Difference[] = [
    ...resources
      .filter(({ path, sha256 }) => there.has(path) && there.get(path)?.sha256 !== sha256)
      .map((r) => difference('changed', r.path, 'was changed after it was signed')),
    ...missing
      .filter((r) => !renamed.has(r.path))
      .map((r) => difference('missing', r.path, 'was signed and is missing')),
    ...extra
      .filter((f) => !newNames.has(f.path))
      .map((f) => difference('extra', f.path, 'was not signed')),
    ...[...renamed].map(([from, to]) =>
      difference('renamed', from, `is now called "${excerpt(to)}"`),
    ),
    ...refused.map(({ kind, path }) => difference(kind, path, REFUSED[kind])),
  ];
  const isOther = signed.manifestDigest !== null && signed.manifestDigest !== manifestDigest;
  if (entries.length === 0 && isOther) {
    entries.push(difference('identity', '.', 'has another manifest digest than the one signed'));
  }
  return { entries: entries.toSorted((a, b) => comparePaths(a.path, b.path)) };
}

/** Some releases name a model of one file "."; the folder then holds that file under any name. */
function singleFile(
  signed: SignedStatement,
  files: readonly ManifestFile[],
): readonly SignedResource[] {
  const [only] = files;
  const [resource] = signed.resources;
  if (only === undefined || resource === undefined || files.length !== 1) {
    return signed.resources;
  }
  return [{ path: only.path, sha256: resource.sha256 }];
}

function findRenamed(
  missing: readonly SignedResource[],
  extra: readonly ManifestFile[],
): ReadonlyMap<string, string> {
  const byDigest = Map.groupBy(extra, (file) => file.sha256);
  return new Map(
    missing.flatMap((resource): [string, string][] => {
      const to = byDigest.get(resource.sha256)?.shift()?.path;
      return to === undefined ? [] : [[resource.path, to]];
    }),
  );
}

function difference(kind: DifferenceKind, path: string, what: string): Difference {
  return { kind, path, what };
}
