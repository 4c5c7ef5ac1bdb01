/**
 * `uv.lock`, `poetry.lock` and `pylock.toml` (PEP 751): what Python installs, by version and hash.
 *
 * A package without a version, or from a folder, a repository or a link, is reported as not pinned
 * where its version is known and refused where it is not; the project itself is left out.
 *
 * @module
 */
import { excerpt } from '@proofmark/core';
import type { Json, JsonObject } from '@proofmark/core';

import { ArtifactError } from '../errors.ts';
import type { LockedPackage } from './locked-package.ts';
import { MAX_LOCK_BYTES, MAX_PACKAGES, normalizePypiName } from './locked-package.ts';
import { parseToml } from './toml.ts';

const HASH = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;

/** @throws {ArtifactError} ARTIFACT_LOCK_FILE_INVALID */
export function parseUvLock(input: Uint8Array | string): LockedPackage[] {
  return packagesOf(input, 'package').flatMap((entry) => {
    const source = objectOf(entry['source']);
    // The project and its workspace: their code is the bundle itself.
    if (source !== null && ['editable', 'virtual', 'directory'].some((k) => k in source)) return [];
    const archives = [entry['sdist'], ...listOf(entry['wheels'])].map(objectOf);
    return [toPackage(entry, pinOf(archives.map((archive) => archive?.['hash'])), false)];
  });
}

/** @throws {ArtifactError} ARTIFACT_LOCK_FILE_INVALID */
export function parsePoetryLock(input: Uint8Array | string): LockedPackage[] {
  return packagesOf(input, 'package').map((entry) => {
    const files = listOf(entry['files']).map((file) => objectOf(file)?.['hash']);
    const groups = listOf(entry['groups']);
    const development =
      entry['category'] === 'dev' || (groups.length > 0 && !groups.includes('main'));
    return toPackage(entry, pinOf(files), development);
  });
}

/** @throws {ArtifactError} ARTIFACT_LOCK_FILE_INVALID */
export function parsePylock(input: Uint8Array | string): LockedPackage[] {
  return packagesOf(input, 'packages').flatMap((entry) => {
    if (objectOf(entry['directory']) !== null && entry['version'] === undefined) return [];
    const archives = [entry['sdist'], entry['archive'], ...listOf(entry['wheels'])].map(objectOf);
    const hashes = archives.flatMap((archive) =>
      Object.entries(objectOf(archive?.['hashes']) ?? {}).map(([name, hex]) =>
        typeof hex === 'string' ? `${name}:${hex}` : null,
      ),
    );
    return [toPackage(entry, pinOf(hashes), false)];
  });
}

function packagesOf(input: Uint8Array | string, key: string): readonly JsonObject[] {
  if (input.length > MAX_LOCK_BYTES) throw invalid('it is too large');
  const text = typeof input === 'string' ? input : Buffer.from(input).toString('utf8');
  const root = parseToml(text);
  const entries = Object.hasOwn(root, key) ? root[key] : [];
  if (!Array.isArray(entries)) throw invalid(`"${key}" is no list of tables`);
  if (entries.length > MAX_PACKAGES) throw invalid(`it lists more than ${MAX_PACKAGES} packages`);
  return entries.map((entry) => {
    const table = objectOf(entry as Json);
    if (table === null) throw invalid(`an entry of "${key}" is no table`);
    return table;
  });
}

function toPackage(
  entry: JsonObject,
  integrity: string | null,
  development: boolean,
): LockedPackage {
  const { name, version } = entry;
  if (typeof name !== 'string' || name === '') throw invalid('a package has no name');
  if (typeof version !== 'string' || version === '') {
    throw invalid(`the package ${excerpt(name)} has no version: it is not locked`);
  }
  return { ecosystem: 'PyPI', name: normalizePypiName(name), version, integrity, development };
}

/** Pinned when every archive that may be installed is: one without a hash could be any bytes. */
function pinOf(hashes: readonly (Json | undefined)[]): string | null {
  const known = hashes.filter((hash) => hash !== undefined && hash !== null);
  const sound = known.filter((hash) => typeof hash === 'string' && HASH.test(hash));
  const [first] = sound;
  return sound.length === known.length && typeof first === 'string' ? first : null;
}

function objectOf(value: Json | undefined): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : null;
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function invalid(why: string): ArtifactError {
  return new ArtifactError(
    'ARTIFACT_LOCK_FILE_INVALID',
    `cannot read the lock file: ${why}; lock the project again`,
  );
}
