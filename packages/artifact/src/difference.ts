/**
 * What differs between what was signed and what is there, file by file.
 *
 * @module
 */
import type { Manifest, ManifestFile } from './manifest.ts';
import { comparePaths } from './manifest.ts';
import type { SignedResource, SignedStatement } from './statement.ts';

export type DifferenceKind = 'changed' | 'missing' | 'extra' | 'renamed' | 'identity';

export interface Difference {
  readonly kind: DifferenceKind;
  readonly path: string;
  /** A predicate for a sentence that begins with the path. */
  readonly what: string;
}

export interface FolderDifference {
  /** In path order; empty when the folder is exactly what was signed. */
  readonly entries: readonly Difference[];
}

export function compareFolder(signed: SignedStatement, manifest: Manifest): FolderDifference {
  const resources = signed.singleFile ? singleFile(signed, manifest) : signed.resources;
  const there = new Map(manifest.files.map((file) => [file.path, file]));
  const listed = new Map(resources.map((resource) => [resource.path, resource]));
  const missing = resources.filter((resource) => !there.has(resource.path));
  const extra = manifest.files.filter((file) => !listed.has(file.path));
  const renamed = findRenamed(missing, extra);
  const changed = resources.filter((resource) => {
    const file = there.get(resource.path);
    return file !== undefined && file.sha256 !== resource.sha256;
  });
  const entries: Difference[] = [
    ...changed.map((r) => difference('changed', r.path, 'was changed after it was signed')),
    ...missing
      .filter((r) => !renamed.has(r.path))
      .map((r) => difference('missing', r.path, 'was signed and is missing')),
    ...extra
      .filter((f) => ![...renamed.values()].includes(f.path))
      .map((f) => difference('extra', f.path, 'was not signed')),
    ...[...renamed].map(([from, to]) => difference('renamed', from, `is now called "${to}"`)),
  ];
  const isOther =
    signed.manifestDigest !== null && signed.manifestDigest !== manifest.manifestDigest;
  if (entries.length === 0 && isOther) {
    entries.push(difference('identity', '.', 'has another manifest digest than the one signed'));
  }
  return { entries: entries.toSorted((a, b) => comparePaths(a.path, b.path)) };
}

/** Some releases name a model of one file "."; the folder then holds that file under any name. */
function singleFile(signed: SignedStatement, manifest: Manifest): readonly SignedResource[] {
  const [only] = manifest.files;
  const [resource] = signed.resources;
  if (only === undefined || resource === undefined || manifest.files.length !== 1) {
    return signed.resources;
  }
  return [{ path: only.path, sha256: resource.sha256 }];
}

function findRenamed(
  missing: readonly SignedResource[],
  extra: readonly ManifestFile[],
): ReadonlyMap<string, string> {
  const byDigest = new Map<string, string[]>();
  for (const file of extra) {
    byDigest.set(file.sha256, [...(byDigest.get(file.sha256) ?? []), file.path]);
  }
  return new Map(
    missing.flatMap((resource): [string, string][] => {
      const to = byDigest.get(resource.sha256)?.shift();
      return to === undefined ? [] : [[resource.path, to]];
    }),
  );
}

function difference(kind: DifferenceKind, path: string, what: string): Difference {
  return { kind, path, what };
}
