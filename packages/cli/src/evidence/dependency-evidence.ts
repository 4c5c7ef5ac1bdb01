/**
 * Matches a lock file with an advisory snapshot and says the result as evidence.
 *
 * @module
 */
import { matchDependencies, parseLockFile } from '@proofmark/artifact';
import type { AdvisorySeverity, DependencyReport } from '@proofmark/artifact';
import { sha256Hex } from '@proofmark/core';
import type { DependenciesPredicate } from '@proofmark/registry';

import { readInput } from '../input-file.ts';
import { readAdvisories } from './advisory-folder.ts';
import { VERSION } from '../version.ts';

export interface DependencyRun {
  readonly report: DependencyReport;
  readonly predicate: DependenciesPredicate;
}

/**
 * Upper end of each CVSS v3 band: advisories carry a band, gates decide on a number, and the worst
 * number that the band allows is the one that cannot be too kind.
 */
const HIGHEST_SCORE: Readonly<Record<AdvisorySeverity, number>> = {
  low: 3.9,
  moderate: 6.9,
  high: 8.9,
  critical: 10,
  unknown: 10,
};

/** @throws {ArtifactError} ARTIFACT_LOCK_FILE_INVALID, ARTIFACT_ADVISORIES_INVALID; {CliError} CLI_INPUT_UNREADABLE */
export function runDependencyCheck(
  lockFiles: readonly string[],
  advisories: string,
  clock: () => number,
): DependencyRun {
  const startedAtMs = clock();
  const locks = lockFiles.map((file) => ({ file, bytes: readInput(file) }));
  const packages = locks.flatMap(({ file, bytes }) => parseLockFile(file, bytes));
  const snapshot = readAdvisories(advisories, packages, startedAtMs);
  const report = matchDependencies(packages, snapshot);
  return {
    report,
    predicate: {
      scanner: { uri: 'urn:proofmark:dependency-matcher', version: VERSION },
      database: {
        uri: 'urn:proofmark:advisory-snapshot',
        version: snapshot.digest,
        lastUpdateMs: snapshot.updatedAtMs,
      },
      vulnerabilities: report.findings.map((finding) => ({
        id: finding.id,
        ...(finding.aliases.length === 0 ? {} : { aliases: finding.aliases.slice(0, 64) }),
        cvss: HIGHEST_SCORE[finding.severity],
        component: finding.purl,
      })),
      components: report.packages,
      lockDigest: sha256Hex(Buffer.concat(locks.map(({ bytes }) => bytes))),
      startedAtMs,
      finishedAtMs: clock(),
    },
  };
}
