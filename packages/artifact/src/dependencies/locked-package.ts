/**
 * One package that a lock file pins, and its package URL.
 *
 * @module
 */

export type Ecosystem = 'npm' | 'PyPI';

export interface LockedPackage {
  readonly ecosystem: Ecosystem;
  /** As its registry writes it; PyPI names are normalised (PEP 503). */
  readonly name: string;
  readonly version: string;
  /** What pins the archive's bytes: an integrity string or `sha256:...`; null when nothing does. */
  readonly integrity: string | null;
  /** Only needed to build or test, not to serve. */
  readonly development: boolean;
}

/** Bounds for every lock file: they are written by whoever made the bundle. */
export const MAX_PACKAGES = 100_000;
export const MAX_LOCK_BYTES: number = 64 * 1024 * 1024;

/** PEP 503: names that differ in case, `-`, `_` and `.` alone are one name. */
export function normalizePypiName(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}

/** What a lock file and an advisory call the same package by. */
export function packageKey({
  ecosystem,
  name,
}: {
  readonly ecosystem: string;
  readonly name: string;
}): string {
  return `${ecosystem}/${ecosystem === 'PyPI' ? normalizePypiName(name) : name}`;
}

/** Package URL: the scope's `@` is percent-encoded, its `/` separates namespace and name. */
export function packageUrl({
  ecosystem,
  name,
  version,
}: Pick<LockedPackage, 'ecosystem' | 'name' | 'version'>): string {
  const encoded = name.split('/').map(encodeURIComponent).join('/');
  return `pkg:${ecosystem.toLowerCase()}/${encoded}@${encodeURIComponent(version)}`;
}
