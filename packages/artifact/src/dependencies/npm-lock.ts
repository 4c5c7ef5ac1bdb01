/**
 * npm `package-lock.json` and `npm-shrinkwrap.json`, lockfileVersion 2 and 3.
 *
 * @module
 */
import { parseStrictJson } from '@proofmark/core';
import type { Json, JsonObject } from '@proofmark/core';

import { ArtifactError } from '../errors.ts';
import type { LockedPackage } from './locked-package.ts';
import { MAX_LOCK_BYTES, MAX_PACKAGES } from './locked-package.ts';

/**
 * Reads an npm lock file. Links to workspace folders are left out: their code is the bundle itself.
 *
 * @throws {ArtifactError} ARTIFACT_LOCK_FILE_INVALID
 */
export function parseNpmLock(text: Uint8Array | string): LockedPackage[] {
  const root = readRoot(text);
  const version = root['lockfileVersion'];
  if (version !== 2 && version !== 3) throw invalid('only lockfileVersion 2 and 3 are read');
  const packages = root['packages'];
  if (!isObject(packages)) throw invalid('it has no "packages" object');
  const entries = Object.entries(packages);
  if (entries.length > MAX_PACKAGES) throw invalid(`it lists more than ${MAX_PACKAGES} packages`);
  return entries.flatMap(([location, entry]) => readEntry(location, entry));
}

function readRoot(text: Uint8Array | string): JsonObject {
  let value: Json;
  try {
    value = parseStrictJson(text, { maxBytes: MAX_LOCK_BYTES });
  } catch (cause) {
    throw new ArtifactError('ARTIFACT_LOCK_FILE_INVALID', 'cannot read the lock file: not JSON', {
      cause,
    });
  }
  if (!isObject(value)) throw invalid('it is not an object');
  return value;
}

function readEntry(location: string, entry: Json): LockedPackage[] {
  const at = location.lastIndexOf('node_modules/');
  if (at < 0) return []; // the root project or a workspace folder
  if (!isObject(entry)) throw invalid(`the entry "${location.slice(0, 60)}" is not an object`);
  if (entry['link'] === true) return [];
  const name = entry['name'] ?? location.slice(at + 'node_modules/'.length);
  const { version, integrity } = entry;
  if (typeof name !== 'string' || name === '' || typeof version !== 'string') {
    throw invalid(`the entry "${location.slice(0, 60)}" has no name or version`);
  }
  return [
    {
      ecosystem: 'npm',
      name,
      version,
      integrity: typeof integrity === 'string' && integrity !== '' ? integrity : null,
      development: entry['dev'] === true || entry['devOptional'] === true,
    },
  ];
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(why: string): ArtifactError {
  return new ArtifactError(
    'ARTIFACT_LOCK_FILE_INVALID',
    `cannot read the lock file: ${why}; regenerate it with npm 7 or newer`,
  );
}
