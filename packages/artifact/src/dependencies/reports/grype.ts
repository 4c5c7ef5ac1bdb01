/**
 * grype `-o json`.
 *
 * Lists matches only: how many packages were looked at is not in the document. Matches that grype
 * was told to ignore count like the rest.
 *
 * @module
 */
import type { JsonObject } from '@proofmark/core';

import { scoreOfNumber, scoreOfVector, scoreOfWord, worst } from '../cvss.ts';
import { numberAt, objectAt, objectsAt, textAt, textsAt, timeAt } from '../json-value.ts';
import { emptyReport, sha256In } from '../reported.ts';
import type { ReportedVulnerability, ScannerReport } from '../reported.ts';

export function isGrype(root: JsonObject): boolean {
  return Array.isArray(root['matches']) && textAt(objectAt(root, 'descriptor'), 'name') === 'grype';
}

export function readGrype(root: JsonObject): ScannerReport {
  const descriptor = objectAt(root, 'descriptor');
  const target = objectAt(objectAt(root, 'source'), 'target');
  const database = objectAt(descriptor, 'db');
  const status = objectAt(database, 'status');
  const at = timeAt(descriptor, 'timestamp');
  const report = emptyReport(
    'grype',
    'https://github.com/anchore/grype',
    textAt(descriptor, 'version') || null,
  );
  return {
    ...report,
    database: {
      uri: textAt(status, 'from') || textAt(status, 'location') || null,
      version: textAt(status, 'schemaVersion') || null,
      // Up to version 0.8x directly, since then under "status".
      lastUpdateMs: timeAt(status, 'built') ?? timeAt(database, 'built'),
    },
    startedAtMs: at,
    finishedAtMs: at,
    subjects: [
      textAt(target, 'imageID'),
      textAt(target, 'manifestDigest'),
      ...textsAt(target, 'repoDigests'),
    ].flatMap(sha256In),
    vulnerabilities: ['matches', 'ignoredMatches'].flatMap((key) =>
      objectsAt(root, key).map(readMatch),
    ),
  };
}

function readMatch(match: JsonObject): ReportedVulnerability {
  const vulnerability = objectAt(match, 'vulnerability');
  const related = objectsAt(match, 'relatedVulnerabilities');
  const scores = [vulnerability, ...related]
    .flatMap((entry) => objectsAt(entry, 'cvss'))
    .flatMap((cvss) => [
      scoreOfNumber(numberAt(objectAt(cvss, 'metrics'), 'baseScore') ?? -1),
      scoreOfVector(textAt(cvss, 'vector')),
    ]);
  return {
    ids: [textAt(vulnerability, 'id'), ...related.map((entry) => textAt(entry, 'id'))],
    component: componentOf(objectAt(match, 'artifact')),
    cvss: worst(scores) ?? scoreOfWord(textAt(vulnerability, 'severity')),
    fixed: textsAt(objectAt(vulnerability, 'fix'), 'versions'),
    summary: textAt(vulnerability, 'description'),
  };
}

function componentOf(artifact: JsonObject): string {
  return textAt(artifact, 'purl') || `${textAt(artifact, 'name')}@${textAt(artifact, 'version')}`;
}
