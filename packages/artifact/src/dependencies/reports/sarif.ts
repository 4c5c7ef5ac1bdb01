/**
 * SARIF 2.1.0 (OASIS) of a vulnerability scanner: rules are advisories, results are findings.
 *
 * A run that did not succeed is refused. A result whose rule is no advisory id makes the whole
 * document something else than a vulnerability report. Suppressed results count like the rest.
 *
 * @module
 */
import type { JsonObject } from '@proofmark/core';
import { excerpt } from '@proofmark/core';

import { ArtifactError } from '../../errors.ts';
import { scoreOfNumber } from '../cvss.ts';
import { objectAt, objectsAt, textAt, textsAt, timeAt } from '../json-value.ts';
import { emptyReport } from '../reported.ts';
import type { ReportedVulnerability, ScannerReport } from '../reported.ts';

/** Grype appends the package to the id. */
const ADVISORY =
  /^(CVE-\d{4}-\d{4,19}|GHSA(?:-[0-9a-z]{4}){3}|(?:ALAS|ALSA|BIT|DSA|ELSA|GO|GSD|HSEC|MAL|OSV|PYSEC|RHSA|RUSTSEC|RLSA|SNYK|SUSE|TEMP|USN|UBUNTU)-[A-Za-z0-9:.-]{1,64}?)(?:-[a-z@].*)?$/;

export function isSarif(root: JsonObject): boolean {
  return root['version'] === '2.1.0' && Array.isArray(root['runs']);
}

/** @throws {ArtifactError} ARTIFACT_REPORT_INVALID */
export function readSarif(root: JsonObject): ScannerReport {
  const runs = objectsAt(root, 'runs');
  const [run] = runs;
  if (run === undefined || runs.length !== 1) {
    throw invalid(`it holds ${runs.length} runs, and one was expected`);
  }
  const driver = objectAt(objectAt(run, 'tool'), 'driver');
  const invocations = objectsAt(run, 'invocations');
  if (invocations.some((each) => each['executionSuccessful'] === false)) {
    throw invalid('its run did not succeed');
  }
  const rules = new Map(objectsAt(driver, 'rules').map((rule) => [textAt(rule, 'id'), rule]));
  const times = invocations.map((each) => [
    timeAt(each, 'startTimeUtc'),
    timeAt(each, 'endTimeUtc'),
  ]);
  const [startedAtMs = null, finishedAtMs = null] = times[0] ?? [];
  return {
    ...emptyReport(
      'sarif',
      textAt(driver, 'informationUri') || `urn:sarif:${textAt(driver, 'name').slice(0, 64)}`,
      textAt(driver, 'semanticVersion') || textAt(driver, 'version') || null,
    ),
    startedAtMs,
    finishedAtMs,
    vulnerabilities: objectsAt(run, 'results').map((result) => readResult(result, rules)),
  };
}

function readResult(
  result: JsonObject,
  rules: ReadonlyMap<string, JsonObject>,
): ReportedVulnerability {
  const ruleId = textAt(result, 'ruleId');
  const id = ADVISORY.exec(ruleId)?.[1];
  if (id === undefined) throw invalid(`its rule ${excerpt(ruleId)} is no id of a vulnerability`);
  const rule = rules.get(ruleId) ?? {};
  const severity = objectAt(rule, 'properties')['security-severity'];
  const known = typeof severity === 'string' || typeof severity === 'number';
  return {
    ids: [id, ...textsAt(rule, 'deprecatedIds').filter((other) => ADVISORY.test(other))],
    component: componentOf(result),
    cvss: known ? scoreOfNumber(severity) : null,
    fixed: [],
    summary: textAt(objectAt(result, 'message'), 'text'),
  };
}

/** Where the finding stands; scanners write the package into the text only. */
function componentOf(result: JsonObject): string {
  const [location = {}] = objectsAt(result, 'locations');
  const [logical = {}] = objectsAt(location, 'logicalLocations');
  const physical = objectAt(objectAt(location, 'physicalLocation'), 'artifactLocation');
  return textAt(logical, 'fullyQualifiedName') || textAt(physical, 'uri') || 'unknown';
}

function invalid(why: string): ArtifactError {
  return new ArtifactError('ARTIFACT_REPORT_INVALID', `cannot take the SARIF report: ${why}`);
}
