/**
 * Advisories from a path: a snapshot of JSON lines, an `all.zip` as OSV publishes it, or a folder with
 * one such archive for each ecosystem, at its top or one level down (`PyPI/all.zip`).
 *
 * @module
 */
import { closeSync, openSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

import { fileSource, parseAdvisorySnapshot, readOsvArchives } from '@proofmark/artifact';
import type { AdvisorySnapshot, LockedPackage } from '@proofmark/artifact';
import { excerpt } from '@proofmark/core';

import { CliError } from '../errors.ts';
import { readInput } from '../input-file.ts';

const MAX_ARCHIVES = 64;

/** @throws {ArtifactError} ARTIFACT_ADVISORIES_INVALID; {CliError} CLI_INPUT_UNREADABLE */
export function readAdvisories(
  from: string,
  packages: readonly LockedPackage[],
  nowMs: number,
): AdvisorySnapshot {
  const files = findArchives(from);
  if (files === null) return parseAdvisorySnapshot(readInput(from).toString('utf8'));
  const opened: number[] = [];
  try {
    const archives = files.map((name) => {
      const descriptor = openSync(name, 'r');
      opened.push(descriptor);
      return { name, source: fileSource(descriptor) };
    });
    return readOsvArchives(archives, packages, nowMs);
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}

/** `null` for a file that is no archive. */
function findArchives(from: string): readonly string[] | null {
  try {
    if (!statSync(from).isDirectory()) return from.endsWith('.zip') ? [from] : null;
    const found = readdirSync(from, { withFileTypes: true }).flatMap((entry) => {
      const inner = path.join(from, entry.name);
      if (entry.isFile()) return entry.name.endsWith('.zip') ? [inner] : [];
      if (!entry.isDirectory()) return [];
      const names = readdirSync(inner, { withFileTypes: true });
      return names
        .filter((one) => one.isFile() && one.name.endsWith('.zip'))
        .map((one) => path.join(inner, one.name));
    });
    if (found.length > 0 && found.length <= MAX_ARCHIVES) return found.toSorted();
  } catch (cause) {
    throw unreadable(from, cause instanceof Error ? excerpt(cause.message) : 'unreadable');
  }
  throw unreadable(from, `it has no, or more than ${MAX_ARCHIVES}, archives like PyPI/all.zip`);
}

function unreadable(from: string, why: string): CliError {
  return new CliError('CLI_INPUT_UNREADABLE', `cannot read advisories from ${from}: ${why}`);
}
