/**
 * trivy `--format json`, schema version 2.
 *
 * Packages are listed with `--list-all-pkgs`. The document does not date its database. Findings that
 * trivy itself left out, by an ignore file or a VEX document, count like the rest.
 *
 * @module
 */
import type { JsonObject } from '@proofmark/core';

import { scoreOfNumber, scoreOfVector, scoreOfWord, worst } from '../cvss.ts';
import { isObject, numberAt, objectAt, objectsAt, textAt, textsAt, timeAt } from '../json-value.ts';
import { emptyReport, sha256In } from '../reported.ts';
import type { ReportedVulnerability, ScannerReport } from '../reported.ts';

export function isTrivy(root: JsonObject): boolean {
  return root['SchemaVersion'] === 2 && 'ArtifactName' in root;
}

export function readTrivy(root: JsonObject): ScannerReport {
  const results = objectsAt(root, 'Results');
  const metadata = objectAt(root, 'Metadata');
  const packages = results.flatMap((result) => objectsAt(result, 'Packages'));
  const findings = results.flatMap((result) => objectsAt(result, 'Vulnerabilities'));
  const left = results
    .flatMap((result) => objectsAt(result, 'ExperimentalModifiedFindings'))
    .filter((modified) => modified['Type'] === 'vulnerability')
    .map((modified) => objectAt(modified, 'Finding'));
  const version = textAt(objectAt(root, 'Trivy'), 'Version');
  const created = timeAt(root, 'CreatedAt');
  return {
    ...emptyReport('trivy', 'https://github.com/aquasecurity/trivy', version || null),
    startedAtMs: created,
    finishedAtMs: created,
    subjects: [textAt(metadata, 'ImageID'), ...textsAt(metadata, 'RepoDigests')].flatMap(sha256In),
    packages: packages.length > 0 ? packages.length : null,
    vulnerabilities: [...findings, ...left].map(readFinding),
  };
}

function readFinding(finding: JsonObject): ReportedVulnerability {
  return {
    ids: [textAt(finding, 'VulnerabilityID'), ...textsAt(finding, 'VendorIDs')],
    component: componentOf(finding),
    cvss: scoreOf(finding),
    fixed: textAt(finding, 'FixedVersion')
      .split(',')
      .map((version) => version.trim())
      .filter((version) => version !== ''),
    summary: textAt(finding, 'Title'),
  };
}

function componentOf(finding: JsonObject): string {
  const purl = textAt(objectAt(finding, 'PkgIdentifier'), 'PURL');
  return purl || `${textAt(finding, 'PkgName')}@${textAt(finding, 'InstalledVersion')}`;
}

/** The worst score of any source; the word where no source has one. */
function scoreOf(finding: JsonObject): number | null {
  const sources = Object.values(objectAt(finding, 'CVSS')).filter(isObject);
  const scores = sources.flatMap((source) => [
    scoreOfNumber(numberAt(source, 'V3Score') ?? -1),
    scoreOfNumber(numberAt(source, 'V40Score') ?? -1),
    scoreOfVector(textAt(source, 'V3Vector')),
  ]);
  return worst(scores) ?? scoreOfWord(textAt(finding, 'Severity'));
}
