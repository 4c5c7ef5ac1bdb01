/**
 * Advisories as OSV publishes them: one `all.zip` per ecosystem, a JSON record in each member.
 *
 * Archives are read in place by the scanner's own ZIP reader and never unpacked. What any two readers
 * could read differently, a member that is no record, or a record that cannot be understood makes the
 * archive unusable. Kept are the records about packages that are asked for; all are read and counted.
 *
 * An archive does not say when it was made. It is as old as the newest change in it that lies in the
 * past: a change dated later would keep it young for ever. Of several archives the oldest counts.
 *
 * @module
 */
import { createHash } from 'node:crypto';

import { CoreError, excerpt, parseStrictJson, sha256Hex } from '@proofmark/core';

import { ArtifactError } from '../errors.ts';
import { readDirectory } from '../scan/archive/zip-directory.ts';
import type { ZipEntry } from '../scan/archive/zip-directory.ts';
import { readMember } from '../scan/archive/zip-member.ts';
import type { ByteSource } from '../scan/byte-source.ts';
import { ScanError } from '../scan/errors.ts';
import { Inspection, Job } from '../scan/inspection.ts';
import type { ScanLimits } from '../scan/report.ts';
import type { Advisory, AdvisorySnapshot } from './advisory.ts';
import { readAdvisory } from './advisory.ts';
import { isObject } from './json-value.ts';
import { packageKey } from './locked-package.ts';
import type { LockedPackage } from './locked-package.ts';

export interface OsvArchive {
  /** For messages. */
  readonly name: string;
  readonly source: ByteSource;
}

const MAX_RECORD_BYTES = 16 * 1024 * 1024;
/** npm had some 250,000 records in 2026; every bound leaves several times that. */
const LIMITS: ScanLimits = {
  maxSteps: 2_000_000,
  maxMemberBytes: MAX_RECORD_BYTES,
  maxInflatedBytes: 4 * 1024 ** 3,
  maxDepth: 1,
  maxMembers: 1_000_000,
  maxFindings: 1,
};
const HASH_BYTES = 1 << 20;
const AHEAD_BYTES = 1 << 22;

/**
 * Reads archives for the packages of a lock file.
 *
 * @param nowMs Milliseconds since the Unix epoch.
 * @throws {ArtifactError} ARTIFACT_ADVISORIES_INVALID
 */
export function readOsvArchives(
  archives: readonly OsvArchive[],
  packages: readonly LockedPackage[],
  nowMs: number,
): AdvisorySnapshot {
  const wanted = new Set(packages.map(packageKey));
  const read = archives.map((archive) => readArchive(archive, wanted, nowMs));
  const [first] = read;
  if (first === undefined) throw invalid('it has no archive');
  if (read.length === 1) return first;
  return {
    advisories: read.flatMap(({ advisories }) => advisories),
    records: read.reduce((sum, { records }) => sum + records, 0),
    ecosystems: new Set(read.flatMap(({ ecosystems }) => [...ecosystems])),
    digest: sha256Hex(
      read
        .map(({ digest }) => digest)
        .toSorted()
        .join('\n'),
    ),
    updatedAtMs: Math.min(...read.map(({ updatedAtMs }) => updatedAtMs)),
  };
}

function readArchive(
  { name, source }: OsvArchive,
  wanted: ReadonlySet<string>,
  nowMs: number,
): AdvisorySnapshot {
  const job = new Job(name, LIMITS, ALONE, () => undefined);
  const inspection = new Inspection(job, ahead(source), {
    member: null,
    name,
    depth: 0,
    within: null,
  });
  const advisories: Advisory[] = [];
  const ecosystems = new Set<string>();
  const names = new Set<string>();
  let updatedAtMs = Number.NEGATIVE_INFINITY;
  try {
    for (const entry of readDirectory(inspection).entries) {
      if (names.has(entry.name)) throw invalid(`${excerpt(entry.name)} is in it twice`);
      names.add(entry.name);
      const { advisory, modifiedMs } = readRecord(inspection, entry);
      requireSound(job);
      if (modifiedMs <= nowMs) updatedAtMs = Math.max(updatedAtMs, modifiedMs);
      for (const { ecosystem } of advisory.affected) ecosystems.add(ecosystem);
      if (advisory.affected.some((each) => wanted.has(packageKey(each)))) advisories.push(advisory);
    }
    requireSound(job);
  } catch (cause) {
    if (!(cause instanceof ScanError)) throw cause;
    throw invalid(cause.message, cause);
  }
  if (!Number.isFinite(updatedAtMs)) throw invalid('no record says when it was changed');
  return { advisories, records: names.size, ecosystems, digest: digestOf(source), updatedAtMs };
}

interface Dated {
  readonly advisory: Advisory;
  readonly modifiedMs: number;
}

function readRecord(inspection: Inspection, entry: ZipEntry): Dated {
  const named = excerpt(entry.name);
  if (!entry.name.endsWith('.json')) throw invalid(`${named} is no record`);
  const { bytes } = readMember(inspection, entry);
  requireSound(inspection.job);
  if (bytes === null || bytes.sizeBytes > MAX_RECORD_BYTES) {
    throw invalid(`${named} has more than ${MAX_RECORD_BYTES} bytes`);
  }
  try {
    const record = parseStrictJson(bytes.read(0, bytes.sizeBytes));
    if (!isObject(record)) throw invalid(`${named} is no record`);
    const modified = record['modified'];
    const modifiedMs = typeof modified === 'string' ? Date.parse(modified) : Number.NaN;
    if (Number.isNaN(modifiedMs)) throw invalid(`${named} does not say when it was changed`);
    return { advisory: readAdvisory(record, named, 'every version'), modifiedMs };
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause;
    throw invalid(`${named}: ${cause.message}`, cause);
  }
}

/** Reads ahead: members follow each other, and the reader looks at each through a window of its own. */
function ahead(source: ByteSource): ByteSource {
  let block: Uint8Array = new Uint8Array(0);
  let start = 0;
  return {
    sizeBytes: source.sizeBytes,
    read(offset, length) {
      const isHeld = offset >= start && offset + length <= start + block.length;
      if (!isHeld) {
        block = source.read(offset, Math.max(length, AHEAD_BYTES));
        start = offset;
      }
      return block.subarray(offset - start, offset - start + length);
    },
  };
}

/** What the ZIP reader reports makes loaders differ; here it ends the reading. */
function requireSound(job: Job): void {
  if (job.verdict === 'clean') return;
  throw invalid(job.findings[0]?.message ?? 'it cannot be read whole');
}

function digestOf(source: ByteSource): string {
  const hash = createHash('sha256');
  for (let at = 0; at < source.sizeBytes; at += HASH_BYTES) {
    hash.update(source.read(at, HASH_BYTES));
  }
  return hash.digest('hex');
}

const ALONE = {
  siblings: new Map(),
  tensorData: new Set<string>(),
  tensorNames: new Map(),
  allowImports: new Set<string>(),
};

function invalid(why: string, cause?: unknown): ArtifactError {
  return new ArtifactError(
    'ARTIFACT_ADVISORIES_INVALID',
    `cannot read the advisory archive: ${why}; fetch it again`,
    cause === undefined ? {} : { cause },
  );
}
