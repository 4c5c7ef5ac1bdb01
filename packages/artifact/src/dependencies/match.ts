/**
 * Matches locked packages against a pinned advisory snapshot.
 *
 * Pure: the same lock file and snapshot give the same report anywhere. Zero packages is reported as
 * such and is never a pass at a gate; a version that cannot be ordered counts as affected.
 *
 * @module
 */
import type { Advisory, AdvisorySeverity, AdvisorySnapshot, AffectedRange } from './advisory.ts';
import type { LockedPackage } from './lock-file.ts';
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

export function matchDependencies(
  packages: readonly LockedPackage[],
  snapshot: AdvisorySnapshot,
): DependencyReport {
  const serving = packages.filter((locked) => !locked.development);
  const byName = new Map<string, Advisory[]>();
  for (const advisory of snapshot.advisories.filter((a) => !a.withdrawn)) {
    for (const name of new Set(advisory.affected.map((a) => `${a.ecosystem}/${a.name}`))) {
      byName.set(name, [...(byName.get(name) ?? []), advisory]);
    }
  }
  return {
    packages: serving.length,
    unpinned: serving.filter((locked) => locked.integrity === null).map(purl),
    findings: serving.flatMap((locked) =>
      (byName.get(`${locked.ecosystem}/${locked.name}`) ?? [])
        .filter((advisory) => isAffected(locked, advisory))
        .map((advisory) => finding(locked, advisory)),
    ),
    database: {
      digest: snapshot.digest,
      records: snapshot.advisories.length,
      updatedAtMs: snapshot.updatedAtMs,
    },
  };
}

function isAffected(locked: LockedPackage, advisory: Advisory): boolean {
  return advisory.affected
    .filter((a) => a.ecosystem === locked.ecosystem && a.name === locked.name)
    .some(
      (a) =>
        a.versions.includes(locked.version) || a.ranges.some((r) => inRange(locked.version, r)),
    );
}

function inRange(version: string, range: AffectedRange): boolean {
  const at = parseSemver(version);
  const from = range.introduced === '0' ? null : parseSemver(range.introduced);
  if (at === null || (from === null && range.introduced !== '0')) return true; // cannot be ordered
  if (from !== null && compareSemver(at, from) < 0) return false;
  const end = range.fixed ?? range.lastAffected;
  if (end === null) return true;
  const limit = parseSemver(end);
  if (limit === null) return true;
  const order = compareSemver(at, limit);
  return range.fixed === null ? order <= 0 : order < 0;
}

function finding(locked: LockedPackage, advisory: Advisory): DependencyFinding {
  const { id, aliases, severity, summary } = advisory;
  const fixed = advisory.affected
    .filter((a) => a.name === locked.name)
    .flatMap((a) => a.ranges.flatMap((range) => (range.fixed === null ? [] : [range.fixed])));
  return { id, aliases, purl: purl(locked), severity, summary, fixed: [...new Set(fixed)] };
}

/** purl-spec: the scope's "@" is percent-encoded, its "/" separates namespace and name. */
function purl(locked: LockedPackage): string {
  return `pkg:${locked.ecosystem}/${locked.name.replace(/^@/, '%40')}@${locked.version}`;
}
