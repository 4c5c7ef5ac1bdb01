/**
 * pip `requirements.txt` as a lock file: exact versions with hashes (pip, "Requirements File
 * Format" and "Secure installs").
 *
 * A line that is not an exact pin makes the file no lock file: what it installs cannot be known
 * from it. So do includes, links, editable installs and other indexes. Environment markers are kept
 * out of the decision: a package that only some platform installs still counts.
 *
 * @module
 */
import { excerpt } from '@proofmark/core';

import { ArtifactError } from '../errors.ts';
import type { LockedPackage } from './locked-package.ts';
import { MAX_LOCK_BYTES, MAX_PACKAGES, normalizePypiName } from './locked-package.ts';

const PIN =
  /^([A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9])?)\s*(?:\[[A-Za-z0-9._,\s-]{0,200}\])?\s*===?\s*([A-Za-z0-9][A-Za-z0-9.!+_-]{0,127})$/;
const HASH = /\s--hash[=\s]+(\S+)/g;
const SHA = /^sha(?:256:[0-9a-f]{64}|384:[0-9a-f]{96}|512:[0-9a-f]{128})$/;
const HARMLESS = /^--(?:require-hashes|only-binary|no-binary|prefer-binary)\b/;

/** Reads the pins. @throws {ArtifactError} ARTIFACT_LOCK_FILE_INVALID */
export function parseRequirements(input: Uint8Array | string): LockedPackage[] {
  if (input.length > MAX_LOCK_BYTES) throw invalid('it is too large', 0);
  const text = typeof input === 'string' ? input : Buffer.from(input).toString('utf8');
  const packages: LockedPackage[] = [];
  let joined = '';
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const continues = raw.endsWith('\\');
    joined += continues ? `${raw.slice(0, -1)} ` : raw;
    if (continues) continue;
    const line = joined.replace(/(?:^|\s)#.*$/, '').trim();
    joined = '';
    if (line === '' || HARMLESS.test(line)) continue;
    packages.push(readLine(line, index + 1));
    if (packages.length > MAX_PACKAGES) throw invalid('it lists too many packages', index + 1);
  }
  if (joined !== '') throw invalid('its last line continues nowhere', 0);
  return packages;
}

function readLine(line: string, number: number): LockedPackage {
  const hashes = [...line.matchAll(HASH)].map((match) => match[1] ?? '');
  const bad = hashes.find((hash) => !SHA.test(hash));
  if (bad !== undefined) throw invalid(`the hash ${excerpt(bad)} is not SHA-256 or longer`, number);
  const [requirement = ''] = line.replace(HASH, '').split(';');
  const match = PIN.exec(requirement.trim());
  if (match === null) {
    throw invalid(`${excerpt(requirement)} does not pin one exact version`, number);
  }
  const [, name = '', version = ''] = match;
  return {
    ecosystem: 'PyPI',
    name: normalizePypiName(name),
    version,
    integrity: hashes[0] ?? null,
    development: false,
  };
}

function invalid(why: string, line: number): ArtifactError {
  return new ArtifactError(
    'ARTIFACT_LOCK_FILE_INVALID',
    `cannot read the requirements: line ${line}: ${why}; compile them with exact versions and hashes`,
    { details: { line } },
  );
}
