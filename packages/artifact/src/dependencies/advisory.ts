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
import { scoreOfVector, worst } from './cvss.ts';

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
  /** Of an archive, those about the packages that were asked for. */
  readonly advisories: readonly Advisory[];
  /** How many there are in the snapshot. */
  readonly records: number;
  /** Ecosystems that it has a record for. */
  readonly ecosystems: ReadonlySet<string>;
  /** SHA-256 of the snapshot's bytes; of several archives, of the sorted lines of their digests. */
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
  const advisories = records.map((record, i) => readAdvisory(record, i + 2, 'refuse'));
  const ecosystems = new Set(advisories.flatMap((a) => a.affected.map((each) => each.ecosystem)));
  const digest = sha256Hex(text);
  return { advisories, records: advisories.length, ecosystems, digest, updatedAtMs };
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

/** A line of a snapshot, or the name of a record, for messages. */
type Where = number | string;

/** What a package without a version stands for; published records hold some. */
type Unversioned = 'refuse' | 'every version';

/** Reads one record. @throws {ArtifactError} ARTIFACT_ADVISORIES_INVALID */
export function readAdvisory(record: JsonObject, line: Where, unversioned: Unversioned): Advisory {
  const id = record['id'];
  if (typeof id !== 'string' || id === '') throw invalid('a record has no id', line);
  const specific = record['database_specific'];
  const level = isObject(specific) ? specific['severity'] : undefined;
  const severity = typeof level === 'string' ? level.toLowerCase() : '';
  return {
    id,
    aliases: strings(record['aliases']),
    summary: typeof record['summary'] === 'string' ? record['summary'] : '',
    severity: SEVERITIES.has(severity) ? (severity as AdvisorySeverity) : bandOf(record),
    withdrawn: typeof record['withdrawn'] === 'string',
    affected: readAllAffected(record, line, unversioned),
  };
}

/** The band of the worst CVSS vector, for databases that name none. */
function bandOf(record: JsonObject): AdvisorySeverity {
  const list = Array.isArray(record['severity']) ? (record['severity'] as readonly Json[]) : [];
  const scores = list.map((item) =>
    isObject(item) && typeof item['score'] === 'string' ? scoreOfVector(item['score']) : null,
  );
  const score = scores.includes(null) ? null : worst(scores);
  if (score === null) return 'unknown';
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  return score >= 4 ? 'moderate' : 'low';
}

function readAllAffected(
  record: JsonObject,
  line: Where,
  unversioned: Unversioned,
): Advisory['affected'] {
  const isPublished = unversioned === 'every version';
  // A withdrawn record may affect nothing; an entry without a package is about commits.
  if (isPublished && record['affected'] === undefined) return [];
  return array(record['affected'], line)
    .filter((item) => !isPublished || !isObject(item) || item['package'] !== undefined)
    .map((item) => readAffected(item, line, unversioned));
}

function readAffected(
  value: Json,
  line: Where,
  unversioned: Unversioned,
): Advisory['affected'][number] {
  const item = object(value, line);
  const { ecosystem, name } = object(item['package'], line);
  if (typeof ecosystem !== 'string' || typeof name !== 'string') {
    throw invalid('an affected package has no ecosystem or name', line);
  }
  const ranges = array(item['ranges'] ?? [], line).flatMap((range) => readRange(range, line));
  const versions = strings(item['versions']);
  if (ranges.length === 0 && versions.length === 0) {
    if (unversioned === 'refuse') throw invalid('it affects no version', line);
    ranges.push({ introduced: '0', fixed: null, lastAffected: null });
  }
  return { ecosystem, name, ranges, versions };
}

function readRange(value: Json, line: Where): AffectedRange[] {
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

function array(value: Json | undefined, line: Where): readonly Json[] {
  if (!Array.isArray(value)) throw invalid('a list was expected', line);
  return value as readonly Json[];
}

function object(value: Json | undefined, line: Where): JsonObject {
  if (!isObject(value)) throw invalid('an object was expected', line);
  return value;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(why: string, line: Where): ArtifactError {
  return new ArtifactError(
    'ARTIFACT_ADVISORIES_INVALID',
    `cannot read the advisory snapshot: ${typeof line === 'number' ? `line ${line}` : line}: ${why}`,
    { details: { line } },
  );
}
