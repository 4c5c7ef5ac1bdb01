/**
 * Takes a scanner's report, checks it, applies signed VEX and says the result as evidence.
 *
 * The gate judges age and severity; here nothing is let through that the gate could not judge: a
 * report without times, without a count of packages, or about packages that the lock file does not
 * hold is an error.
 *
 * @module
 */
import { applyVex, packageUrl, readVex, readVulnerabilityReport } from '@proofmark/artifact';
import type {
  LockedPackage,
  SilencedVulnerability as SilencedFinding,
  VulnerabilityGroup,
  VulnerabilityReport,
} from '@proofmark/artifact';
import type { PublicKey } from '@proofmark/core';
import { excerpt, isoTime, sha256Hex } from '@proofmark/core';
import type {
  DependenciesPredicate,
  SilencedVulnerability,
  Vulnerability,
} from '@proofmark/registry';

import { CliError } from '../errors.ts';

export interface ReportInput {
  readonly report: Uint8Array;
  readonly signers: readonly PublicKey[];
  /** Digests of what is shipped: the model, and what the caller named. */
  readonly subjects: readonly string[];
  readonly vex: readonly Uint8Array[];
  readonly vexAuthors: readonly PublicKey[];
  /** What was scanned, where lock files were given; null otherwise. */
  readonly locked: { readonly packages: readonly LockedPackage[]; readonly digest: string } | null;
  /** For a report that does not say: milliseconds since the Unix epoch. */
  readonly scannedAtMs: number | null;
  readonly databaseUpdatedMs: number | null;
  readonly nowMs: number;
}

export interface ReportRun {
  readonly report: VulnerabilityReport;
  readonly predicate: DependenciesPredicate;
}

/** A severity that no one states is no reason to let the finding pass. */
const UNKNOWN_CVSS = 10;
const MAX_URI = 1024;
const MAX_VERSION = 128;
/** Two machines' clocks differ. */
const CLOCK_SKEW_MS = 5 * 60 * 1000;

/** @throws {ArtifactError} ARTIFACT_REPORT_*, ARTIFACT_VEX_INVALID; {CliError} CLI_USAGE */
export function runReport(input: ReportInput): ReportRun {
  const { signers, subjects, nowMs, locked } = input;
  const report = readVulnerabilityReport(input.report, { signers, subjects });
  if (locked !== null) checkLocked(report.vulnerabilities, locked.packages);
  const statements = input.vex.flatMap((file) =>
    readVex(file, { authors: input.vexAuthors, subjects }),
  );
  const { standing, silenced } = applyVex(report.vulnerabilities, statements, { subjects, nowMs });
  const { scannedAtMs } = input;
  const finishedAtMs = known(report.finishedAtMs ?? scannedAtMs, 'when it ran', '--scanned-at');
  const database = databaseOf(report, input.databaseUpdatedMs);
  requirePast(finishedAtMs, 'it ran', nowMs);
  requirePast(database.lastUpdateMs, 'its database was updated', nowMs);
  return {
    report,
    predicate: {
      scanner: scannerOf(report),
      database,
      vulnerabilities: standing.map(toVulnerability),
      ...(silenced.length === 0 ? {} : { silenced: silenced.map(toSilenced) }),
      components: countOf(report, locked),
      lockDigest: locked?.digest ?? sha256Hex(input.report),
      startedAtMs: report.startedAtMs ?? finishedAtMs,
      finishedAtMs,
    },
  };
}

function scannerOf({ scanner }: VulnerabilityReport): DependenciesPredicate['scanner'] {
  const { uri, version } = scanner;
  return { uri: uri.slice(0, MAX_URI), version: version?.slice(0, MAX_VERSION) ?? 'unknown' };
}

function databaseOf(
  { database }: VulnerabilityReport,
  updatedMs: number | null,
): DependenciesPredicate['database'] {
  const { uri, version, lastUpdateMs } = database;
  return {
    uri: uri?.slice(0, MAX_URI) ?? 'unknown',
    version: version?.slice(0, MAX_VERSION) ?? 'unknown',
    lastUpdateMs: known(
      lastUpdateMs ?? updatedMs,
      'how old its database was',
      '--database-updated',
    ),
  };
}

function toSilenced({ found, by }: SilencedFinding): SilencedVulnerability {
  return {
    ...toVulnerability(found),
    status: by.status,
    justification: by.justification,
    author: by.keyId,
  };
}

function toVulnerability(group: VulnerabilityGroup): Vulnerability {
  const { id, aliases, cvss, component } = group;
  return {
    id,
    ...(aliases.length === 0 ? {} : { aliases: aliases.slice(0, 64) }),
    cvss: cvss ?? UNKNOWN_CVSS,
    component,
  };
}

function countOf(report: VulnerabilityReport, locked: ReportInput['locked']): number {
  if (locked !== null) return locked.packages.filter((each) => !each.development).length;
  if (report.packages !== null) return report.packages;
  throw new CliError(
    'CLI_USAGE',
    `cannot take the report: ${report.format} does not say how many packages were looked at; name the lock file that was scanned with --lock`,
  );
}

function known(value: number | null, what: string, option: string): number {
  if (value !== null) return value;
  throw new CliError(
    'CLI_USAGE',
    `cannot take the report: it does not say ${what}; say it with ${option}`,
  );
}

/** What is attached stays: evidence of tomorrow would be the newest until then, and never old. */
function requirePast(ms: number, what: string, nowMs: number): void {
  if (ms <= nowMs + CLOCK_SKEW_MS) return;
  throw new CliError(
    'CLI_EVIDENCE_INVALID',
    `cannot take the report: it says that ${what} at ${isoTime(ms)}, which is not yet; correct the clock that dated it, and make it again`,
  );
}

/** Every component of npm or PyPI that the report names must be locked, or it is about another lock. */
function checkLocked(
  found: readonly VulnerabilityGroup[],
  packages: readonly LockedPackage[],
): void {
  const urls = packages.map((each) => packageUrl(each));
  const exact = new Set(urls);
  // npm audit names no version.
  const anyVersion = new Set(urls.map((url) => url.slice(0, url.lastIndexOf('@'))));
  const stranger = found.find(
    ({ component }) =>
      /^pkg:(?:npm|pypi)\//.test(component) &&
      !exact.has(component.replace(/[?#].*$/, '')) &&
      !anyVersion.has(component),
  );
  if (stranger === undefined) return;
  throw new CliError(
    'CLI_USAGE',
    `cannot take the report: it is about ${excerpt(stranger.component)}, which no lock file holds; name the lock file that was scanned`,
  );
}
