/**
 * Vulnerability records in the OSV format (OpenSSF OSV schema 1.6), as far as matching needs them.
 *
 * A record that cannot be understood makes the whole snapshot unusable: a matcher that skips what
 * it cannot read would report fewer findings the worse its data is.
 *
 * @module
 */
import { parseStrictJson, sha256Hex } from '@proofmark/core';
import type { Json, JsonObject } from '@proofmark/core';

import { ArtifactError } from '../errors.ts';

export type AdvisorySeverity = 'low' | 'moderate' | 'high' | 'critical' | 'unknown';

/** Ordered events of one range: versions from `introduced` on, until `fixed` or past `lastAffected`. */
export interface AffectedRange {
  readonly introduced: string;
  readonly fixed: string | null;
  readonly lastAffected: string | null;
}

export interface Advisory {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly severity: AdvisorySeverity;
  readonly withdrawn: boolean;
  readonly affected: readonly {
    readonly ecosystem: string;
    readonly name: string;
    readonly ranges: readonly AffectedRange[];
    readonly versions: readonly string[];
  }[];
}

/** A pinned set of records: the same digest always means the same answers. */
export interface AdvisorySnapshot {
  readonly advisories: readonly Advisory[];
  /** SHA-256 of the snapshot's bytes. */
  readonly digest: string;
  /** When the snapshot was last brought up to date, milliseconds since the Unix epoch. */
  readonly updatedAtMs: number;
}

const MAX_RECORDS = 1_000_000;
const SEVERITIES: ReadonlySet<string> = new Set(['low', 'moderate', 'high', 'critical']);

/**
 * Reads a snapshot: JSON lines; the first is `{"updated":"<RFC 3339>"}`, each other one OSV record.
 *
 * @throws {ArtifactError} ARTIFACT_ADVISORIES_INVALID
 */
export function parseAdvisorySnapshot(text: string): AdvisorySnapshot {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length > MAX_RECORDS) throw invalid(`it has more than ${MAX_RECORDS} records`, 0);
  const [head, ...records] = lines.map((line, i) => parseLine(line, i + 1));
  const updated = head?.['updated'];
  const updatedAtMs = typeof updated === 'string' ? Date.parse(updated) : Number.NaN;
  if (Number.isNaN(updatedAtMs))
    throw invalid('its first line does not say when it was updated', 1);
  const advisories = records.map((record, i) => readAdvisory(record, i + 2));
  return { advisories, digest: sha256Hex(text), updatedAtMs };
}

function parseLine(line: string, number: number): JsonObject {
  try {
    return object(parseStrictJson(line, { maxBytes: 4 * 1024 * 1024 }), number);
  } catch (cause) {
    throw new ArtifactError(
      'ARTIFACT_ADVISORIES_INVALID',
      `cannot read the advisory snapshot: line ${number} is not a JSON object`,
      { cause },
    );
  }
}

function readAdvisory(record: JsonObject, line: number): Advisory {
  const id = record['id'];
  if (typeof id !== 'string' || id === '') throw invalid('a record has no id', line);
  const specific = record['database_specific'];
  const level = isObject(specific) ? specific['severity'] : undefined;
  const severity = typeof level === 'string' ? level.toLowerCase() : '';
  return {
    id,
    aliases: strings(record['aliases']),
    summary: typeof record['summary'] === 'string' ? record['summary'] : '',
    severity: SEVERITIES.has(severity) ? (severity as AdvisorySeverity) : 'unknown',
    withdrawn: typeof record['withdrawn'] === 'string',
    affected: array(record['affected'], line).map((item) => readAffected(item, line)),
  };
}

function readAffected(value: Json, line: number): Advisory['affected'][number] {
  const item = object(value, line);
  const { ecosystem, name } = object(item['package'], line);
  if (typeof ecosystem !== 'string' || typeof name !== 'string') {
    throw invalid('an affected package has no ecosystem or name', line);
  }
  const ranges = array(item['ranges'] ?? [], line).flatMap((range) => readRange(range, line));
  const versions = strings(item['versions']);
  if (ranges.length === 0 && versions.length === 0) throw invalid('it affects no version', line);
  return { ecosystem, name, ranges, versions };
}

function readRange(value: Json, line: number): AffectedRange[] {
  const range = object(value, line);
  if (range['type'] === 'GIT') return []; // commits: a lock file names versions
  const result: AffectedRange[] = [];
  let introduced: string | null = null;
  for (const entry of array(range['events'], line)) {
    const event = object(entry, line);
    const [kind, version] = Object.entries(event)[0] ?? [];
    if (typeof version !== 'string') throw invalid('an event has no version', line);
    if (kind === 'introduced') introduced = version;
    else if (kind === 'fixed' || kind === 'last_affected') {
      if (introduced === null) throw invalid(`"${kind}" without "introduced"`, line);
      const [fixed, lastAffected] = kind === 'fixed' ? [version, null] : [null, version];
      result.push({ introduced, fixed, lastAffected });
      introduced = null;
    } else if (kind !== 'limit') throw invalid('an event of unknown kind', line);
  }
  if (introduced !== null) result.push({ introduced, fixed: null, lastAffected: null });
  return result;
}

function strings(value: Json | undefined): string[] {
  return Array.isArray(value)
    ? value.filter((item): item is string => typeof item === 'string')
    : [];
}

function array(value: Json | undefined, line: number): readonly Json[] {
  if (!Array.isArray(value)) throw invalid('a list was expected', line);
  return value as readonly Json[];
}

function object(value: Json | undefined, line: number): JsonObject {
  if (!isObject(value)) throw invalid('an object was expected', line);
  return value;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(why: string, line: number): ArtifactError {
  return new ArtifactError(
    'ARTIFACT_ADVISORIES_INVALID',
    `cannot read the advisory snapshot: line ${line}: ${why}`,
    { details: { line } },
  );
}
