/**
 * `npm audit --json`, report version 2 (npm 7 and newer).
 *
 * An entry of `vulnerabilities` is a package; its `via` holds advisories, or names of packages that
 * carry one. Versions are not in the document, only the affected range, so a component is the
 * package with the folders it stands in.
 *
 * @module
 */
import type { JsonObject } from '@proofmark/core';
import { excerpt } from '@proofmark/core';

import { ArtifactError } from '../../errors.ts';
import { scoreOfNumber, scoreOfVector, scoreOfWord, worst } from '../cvss.ts';
import { isObject, numberAt, objectAt, objectsAt, textAt } from '../json-value.ts';
import { emptyReport } from '../reported.ts';
import type { ReportedVulnerability, ScannerReport } from '../reported.ts';

export function isNpmAudit(root: JsonObject): boolean {
  return 'auditReportVersion' in root || ('statusCode' in root && 'method' in root);
}

/** @throws {ArtifactError} ARTIFACT_REPORT_INVALID */
export function readNpmAudit(root: JsonObject): ScannerReport {
  if (root['auditReportVersion'] !== 2) {
    throw new ArtifactError(
      'ARTIFACT_REPORT_INVALID',
      `cannot take the report: npm audit did not finish or is older than npm 7${'message' in root ? ` (${excerpt(textAt(root, 'message'))})` : ''}`,
    );
  }
  const counts = objectAt(objectAt(root, 'metadata'), 'dependencies');
  return {
    ...emptyReport('npm-audit', 'https://docs.npmjs.com/cli/commands/npm-audit', null),
    packages: numberAt(counts, 'total'),
    vulnerabilities: Object.values(objectAt(root, 'vulnerabilities'))
      .filter(isObject)
      .flatMap(readPackage),
  };
}

function readPackage(entry: JsonObject): ReportedVulnerability[] {
  return objectsAt(entry, 'via').map((advisory) => {
    const cvss = objectAt(advisory, 'cvss');
    const name = textAt(advisory, 'dependency') || textAt(entry, 'name');
    const scores = [
      // npm writes 0 with a null vector where the advisory has no score.
      cvss['vectorString'] === null ? null : scoreOfNumber(numberAt(cvss, 'score') ?? -1),
      scoreOfVector(textAt(cvss, 'vectorString')),
    ];
    return {
      ids: [idOf(advisory)],
      component: `pkg:npm/${name.replace(/^@/, '%40')}`,
      cvss: worst(scores) ?? scoreOfWord(textAt(advisory, 'severity')),
      fixed: [],
      summary: `${textAt(advisory, 'title')} (${textAt(advisory, 'range')})`,
    };
  });
}

/** The GitHub id in the link; npm's own number where there is none. */
function idOf(advisory: JsonObject): string {
  const id = /GHSA(?:-[0-9a-z]{4}){3}/.exec(textAt(advisory, 'url'))?.[0];
  return id ?? `npm-${numberAt(advisory, 'source') ?? 'unknown'}`;
}
