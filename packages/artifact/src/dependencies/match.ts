/**
 * Matches locked packages against a pinned advisory snapshot.
 *
 * Pure: the same lock file and snapshot give the same report anywhere. Zero packages is reported as
 * such and is never a pass at a gate; a version that cannot be ordered counts as affected.
 *
 * @module
 */
import { ArtifactError } from '../errors.ts';
import type { Advisory, AdvisorySeverity, AdvisorySnapshot, AffectedRange } from './advisory.ts';
import type { LockedPackage } from './locked-package.ts';
import { packageKey, packageUrl } from './locked-package.ts';
import { comparePep440, parsePep440 } from './pep440.ts';
import { compareSemver, parseSemver } from './semver.ts';

export interface DependencyFinding {
  readonly id: string;
  readonly aliases: readonly string[];
  /** Package URL, `pkg:npm/undici@8.0.0`. */
  readonly purl: string;
  readonly severity: AdvisorySeverity;
  readonly summary: string;
  /** First fixed versions that the record names, possibly none. */
  readonly fixed: readonly string[];
}

export interface DependencyReport {
  /** Packages that were checked: those needed to serve. */
  readonly packages: number;
  /** Package URLs whose bytes the lock file does not pin. */
  readonly unpinned: readonly string[];
  readonly findings: readonly DependencyFinding[];
  readonly database: {
    readonly digest: string;
    readonly records: number;
    readonly updatedAtMs: number;
  };
}

/** @throws {ArtifactError} ARTIFACT_ADVISORIES_INVALID when it covers no package of an ecosystem */
export function matchDependencies(
  packages: readonly LockedPackage[],
  snapshot: AdvisorySnapshot,
): DependencyReport {
  const serving = packages.filter((locked) => !locked.development);
  checkCovered(serving, snapshot);
  const byName = new Map<string, Advisory[]>();
  for (const advisory of snapshot.advisories.filter((a) => !a.withdrawn)) {
    for (const name of new Set(advisory.affected.map(packageKey))) {
      byName.set(name, [...(byName.get(name) ?? []), advisory]);
    }
  }
  return {
    packages: serving.length,
    unpinned: serving.filter((locked) => locked.integrity === null).map(packageUrl),
    findings: serving.flatMap((locked) =>
      (byName.get(packageKey(locked)) ?? [])
        .filter((advisory) => isAffected(locked, advisory))
        .map((advisory) => finding(locked, advisory)),
    ),
    database: {
      digest: snapshot.digest,
      records: snapshot.records,
      updatedAtMs: snapshot.updatedAtMs,
    },
  };
}

/** A snapshot without a record for an ecosystem knows nothing about it: no finding, no answer. */
function checkCovered(packages: readonly LockedPackage[], { ecosystems }: AdvisorySnapshot): void {
  const foreign = packages.find(({ ecosystem }) => !ecosystems.has(ecosystem));
  if (foreign === undefined) return;
  throw new ArtifactError(
    'ARTIFACT_ADVISORIES_INVALID',
    `cannot match the lock file: the advisory snapshot has no record for ${foreign.ecosystem}; use one that covers it`,
  );
}

function isAffected(locked: LockedPackage, advisory: Advisory): boolean {
  return advisory.affected
    .filter((a) => packageKey(a) === packageKey(locked))
    .some(
      (a) =>
        a.versions.some((version) => isSame(locked, version)) ||
        a.ranges.some((range) => inRange(locked, range)),
    );
}

/** The same text, or the same version otherwise spelt: 1.0 and 1.0.0 on PyPI. */
function isSame({ ecosystem, version }: LockedPackage, listed: string): boolean {
  return version === listed || (ecosystem === 'PyPI' && orderPython(version, listed) === 0);
}

function inRange({ ecosystem, version }: LockedPackage, range: AffectedRange): boolean {
  const compare = ecosystem === 'PyPI' ? orderPython : orderNpm;
  if (compare(version, version) === null) return true; // cannot be ordered
  if (range.introduced !== '0' && isBefore(compare(version, range.introduced))) return false;
  const end = range.fixed ?? range.lastAffected;
  if (end === null) return true;
  const order = compare(version, end);
  if (order === null) return true;
  return range.fixed === null ? order <= 0 : order < 0;
}

function isBefore(order: number | null): boolean {
  return order !== null && order < 0;
}

/** Null when one of the two is no version. */
function orderNpm(a: string, b: string): number | null {
  const [left, right] = [parseSemver(a), parseSemver(b)];
  return left === null || right === null ? null : compareSemver(left, right);
}

function orderPython(a: string, b: string): number | null {
  const [left, right] = [parsePep440(a), parsePep440(b)];
  return left === null || right === null ? null : comparePep440(left, right);
}

function finding(locked: LockedPackage, advisory: Advisory): DependencyFinding {
  const { id, aliases, severity, summary } = advisory;
  const fixed = advisory.affected
    .filter((a) => packageKey(a) === packageKey(locked))
    .flatMap((a) => a.ranges.flatMap((range) => (range.fixed === null ? [] : [range.fixed])));
  return { id, aliases, purl: packageUrl(locked), severity, summary, fixed: [...new Set(fixed)] };
}
