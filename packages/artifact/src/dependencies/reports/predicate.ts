/**
 * Predicates of in-toto statements about vulnerabilities: `vulns` v0.1 and v0.2, and cosign's.
 *
 * The statement's signature and subject are the caller's to check. v0.1 is written in two ways, with
 * each result inside `vulnerability` (its text) or not (its example); both are read. Cosign's holds
 * the scanner's own report.
 *
 * @module
 */
import type { JsonObject } from '@proofmark/core';
import { excerpt } from '@proofmark/core';

import { ArtifactError } from '../../errors.ts';
import { scoreOfNumber, scoreOfVector, scoreOfWord, worst } from '../cvss.ts';
import { isObject, numberAt, objectAt, objectsAt, textAt, timeAt } from '../json-value.ts';
import { emptyReport } from '../reported.ts';
import type { ReportedVulnerability, ScannerReport } from '../reported.ts';
import { isTrivy, readTrivy } from './trivy.ts';
import { isGrype, readGrype } from './grype.ts';
import { isCyclonedx, readCyclonedx } from './cyclonedx-vulnerabilities.ts';

const VULNS = /^https:\/\/in-toto\.io\/attestation\/vulns\/v0\.[12]$/;
const COSIGN = /^(?:https:\/\/)?cosign\.sigstore\.dev\/attestation\/vuln\/v1$/;
const CYCLONEDX = /^https:\/\/cyclonedx\.org\/bom(?:\/v?1\.\d{1,2})?$/;

/** @throws {ArtifactError} ARTIFACT_REPORT_INVALID */
export function readPredicate(predicateType: string, predicate: JsonObject): ScannerReport {
  if (VULNS.test(predicateType)) return readVulns(predicate);
  if (COSIGN.test(predicateType)) return readCosign(predicate);
  if (CYCLONEDX.test(predicateType) && isCyclonedx(predicate)) return readCyclonedx(predicate);
  throw invalid(`the predicate type ${excerpt(predicateType)} is no vulnerability report`);
}

function readVulns(predicate: JsonObject): ScannerReport {
  const scanner = objectAt(predicate, 'scanner');
  if (!Array.isArray(scanner['result'])) throw invalid('scanner.result is no list');
  const components = numberAt(objectAt(predicate, 'metadata'), 'components');
  return {
    ...frame('in-toto vulns', predicate),
    packages: components !== null && Number.isSafeInteger(components) ? components : null,
    vulnerabilities: objectsAt(scanner, 'result').map(readResult),
  };
}

function readCosign(predicate: JsonObject): ScannerReport {
  const result = objectAt(predicate, 'scanner')['result'];
  const outer = frame('cosign vuln', predicate);
  if (!isObject(result)) throw invalid('scanner.result is no report');
  const inner = isTrivy(result) ? readTrivy(result) : isGrype(result) ? readGrype(result) : null;
  if (inner === null) throw invalid('scanner.result is a report of no scanner that is read here');
  return {
    ...inner,
    format: `${outer.format}, ${inner.format}`,
    scanner: outer.scanner.version === null ? inner.scanner : outer.scanner,
    database: {
      ...outer.database,
      lastUpdateMs: outer.database.lastUpdateMs ?? inner.database.lastUpdateMs,
    },
    startedAtMs: outer.startedAtMs ?? inner.startedAtMs,
    finishedAtMs: outer.finishedAtMs ?? inner.finishedAtMs,
  };
}

function frame(format: string, predicate: JsonObject): ScannerReport {
  const scanner = objectAt(predicate, 'scanner');
  const database = objectAt(scanner, 'db');
  const metadata = objectAt(predicate, 'metadata');
  return {
    ...emptyReport(format, textAt(scanner, 'uri') || 'unknown', textAt(scanner, 'version') || null),
    database: {
      uri: textAt(database, 'uri') || null,
      version: textAt(database, 'version') || null,
      lastUpdateMs: timeAt(database, 'lastUpdate'),
    },
    startedAtMs: timeAt(metadata, 'scanStartedOn'),
    finishedAtMs: timeAt(metadata, 'scanFinishedOn'),
  };
}

function readResult(entry: JsonObject): ReportedVulnerability {
  const found = isObject(entry['vulnerability']) ? entry['vulnerability'] : entry;
  const severities = isObject(found['severity'])
    ? [found['severity']]
    : objectsAt(found, 'severity');
  const annotations = [...new Set([found, entry])].flatMap((o) => objectsAt(o, 'annotations'));
  const noted = (key: string): string[] =>
    annotations.map((each) => textAt(each, key)).filter((text) => text !== '');
  const [component] = [...noted('component'), ...noted('purl')];
  return {
    ids: [textAt(found, 'id'), ...noted('alias')],
    component: component ?? 'unknown',
    cvss: worst(severities.map(scoreOf)),
    fixed: [],
    summary: '',
  };
}

/** The methods are free text: a word is a word in any of them, a number only one of CVSS. */
function scoreOf(severity: JsonObject): number | null {
  const score = textAt(severity, 'score') || String(numberAt(severity, 'score') ?? '');
  const isCvss = /cvss/i.test(textAt(severity, 'method'));
  return scoreOfVector(score) ?? scoreOfWord(score) ?? (isCvss ? scoreOfNumber(score) : null);
}

function invalid(why: string): ArtifactError {
  return new ArtifactError('ARTIFACT_REPORT_INVALID', `cannot take the attestation: ${why}`);
}
