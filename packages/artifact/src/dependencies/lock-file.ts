/**
 * Which reader reads which lock file, by its name.
 *
 * Lock files are written by whoever made the bundle: attacker-controlled, parsed strictly, bounded.
 *
 * @module
 */
import { ArtifactError } from '../errors.ts';
import type { LockedPackage } from './locked-package.ts';
import { parseNpmLock } from './npm-lock.ts';
import { parsePoetryLock, parsePylock, parseUvLock } from './python-lock.ts';
import { parseRequirements } from './requirements.ts';

type Parse = (input: Uint8Array | string) => LockedPackage[];

const READERS: readonly (readonly [name: RegExp, parse: Parse])[] = [
  [/^(?:package-lock|npm-shrinkwrap)\.json$/, parseNpmLock],
  [/^uv\.lock$/, parseUvLock],
  [/^poetry\.lock$/, parsePoetryLock],
  [/^pylock(?:\.[A-Za-z0-9_-]{1,64})?\.toml$/, parsePylock],
  [/^[A-Za-z0-9._-]{0,64}requirements[A-Za-z0-9._-]{0,64}\.txt$/, parseRequirements],
];

/** Whether a file of this name is read as a lock file. */
export function isLockFile(name: string): boolean {
  return readerOf(name) !== undefined;
}

/** Reads a lock file by its name. @throws {ArtifactError} ARTIFACT_LOCK_FILE_INVALID */
export function parseLockFile(name: string, input: Uint8Array | string): LockedPackage[] {
  const parse = readerOf(name);
  if (parse !== undefined) return parse(input);
  throw new ArtifactError(
    'ARTIFACT_LOCK_FILE_INVALID',
    'cannot read the lock file: its name is none of package-lock.json, uv.lock, poetry.lock, pylock.toml, requirements.txt',
  );
}

function readerOf(name: string): Parse | undefined {
  const base = name.slice(name.lastIndexOf('/') + 1);
  return READERS.find(([pattern]) => pattern.test(base))?.[1];
}
