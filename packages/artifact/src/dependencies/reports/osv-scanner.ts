/**
 * osv-scanner `--format json` (versions 1 and 2).
 *
 * Lists only packages with findings unless it ran with `--all-packages`, so that an empty list of
 * results says nothing about how many packages were looked at.
 *
 * @module
 */
import type { JsonObject } from '@proofmark/core';

import { scoreOfNumber, scoreOfVector, scoreOfWord, worst } from '../cvss.ts';
import { objectAt, objectsAt, textAt, textsAt } from '../json-value.ts';
import { packageUrl } from '../locked-package.ts';
import { emptyReport } from '../reported.ts';
import type { ReportedVulnerability, ScannerReport } from '../reported.ts';

export function isOsvScanner(root: JsonObject): boolean {
  const [first] = objectsAt(root, 'results');
  const isEmpty = Array.isArray(root['results']) && root['results'].length === 0;
  const extras = 'experimental_config' in root || Object.keys(root).length === 1;
  return (isEmpty && extras) || (first !== undefined && 'source' in first && 'packages' in first);
}

export function readOsvScanner(root: JsonObject): ScannerReport {
  const packages = objectsAt(root, 'results').flatMap((result) => objectsAt(result, 'packages'));
  return {
    ...emptyReport('osv-scanner', 'https://github.com/google/osv-scanner', null),
    packages: packages.length,
    vulnerabilities: packages.flatMap(readPackage),
  };
}

function readPackage(entry: JsonObject): ReportedVulnerability[] {
  const component = componentOf(objectAt(entry, 'package'));
  const groups = objectsAt(entry, 'groups');
  return objectsAt(entry, 'vulnerabilities').map((record) => {
    const id = textAt(record, 'id');
    const group = groups.find((g) => textsAt(g, 'ids').includes(id)) ?? {};
    const grouped = [...textsAt(group, 'ids'), ...textsAt(group, 'aliases')];
    return {
      ids: [id, ...textsAt(record, 'aliases'), ...grouped],
      component,
      cvss: scoreOf(record, group),
      fixed: fixedIn(record),
      summary: textAt(record, 'summary'),
    };
  });
}

function componentOf(info: JsonObject): string {
  const [name, version, ecosystem] = ['name', 'version', 'ecosystem'].map((k) => textAt(info, k));
  if (ecosystem === 'npm' || ecosystem === 'PyPI') {
    return packageUrl({ ecosystem, name: name ?? '', version: version ?? '' });
  }
  return `${name}@${version}`;
}

/** The group's score where osv-scanner computed one; else the record's own. */
function scoreOf(record: JsonObject, group: JsonObject): number | null {
  const computed = scoreOfNumber(textAt(group, 'max_severity'));
  const vectors = objectsAt(record, 'severity').map((s) => scoreOfVector(textAt(s, 'score')));
  const word = scoreOfWord(textAt(objectAt(record, 'database_specific'), 'severity'));
  return worst([computed, ...vectors]) ?? word;
}

function fixedIn(record: JsonObject): string[] {
  const events = objectsAt(record, 'affected')
    .flatMap((affected) => objectsAt(affected, 'ranges'))
    .flatMap((range) => objectsAt(range, 'events'));
  return events.map((event) => textAt(event, 'fixed')).filter((version) => version !== '');
}
