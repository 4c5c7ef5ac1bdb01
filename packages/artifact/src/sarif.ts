/**
 * A scan report as SARIF 2.1.0 and as the predicate of a signed statement.
 *
 * SARIF: one run, every rule that the scanner has, one result for each finding with its place as a
 * byte offset, and a fingerprint that survives re-scans of the same bytes. Files that could not be
 * judged are results too, so that a viewer never shows fewer problems than the gate sees. The
 * predicate names digests, ruleset and limits (docs/spec/scan-report.md).
 *
 * @module
 */
import { sha256Hex } from '@proofmark/core';
import type { JsonObject } from '@proofmark/core';

import type { Finding, ScanReport, Severity } from './scan/report.ts';
import { RULES } from './scan/rules.ts';
import type { Rule } from './scan/rules.ts';

export const SCAN_PREDICATE_TYPE = 'urn:proofmark:scan:v1';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';
const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
};
/** What code-scanning viewers sort by. */
const SCORES: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '3.0',
};

/** The report as a SARIF log. `toolVersion` is the version of the program that scanned. */
export function toSarif(report: ScanReport, toolVersion: string): JsonObject {
  const rules = [...RULES.values()];
  const indexes = new Map(rules.map((rule, index) => [rule.id, index]));
  const results = report.files.flatMap((file) =>
    file.findings.map((finding) => toResult(file.path, finding, indexes.get(finding.rule) ?? -1)),
  );
  const driver = {
    name: 'proofmark',
    semanticVersion: toolVersion,
    rules: rules.map(toDescriptor),
    properties: { rulesetVersion: report.ruleset.version, rulesetDigest: report.ruleset.digest },
  };
  const invocation = {
    executionSuccessful: report.summary.incomplete === 0,
    properties: { verdict: report.summary.verdict },
  };
  const run = {
    tool: { driver },
    invocations: [invocation],
    originalUriBaseIds: { SCANROOT: { description: { text: 'the scanned folder' } } },
    artifacts: report.files.map((file) => ({
      location: location(file.path),
      properties: { format: file.format, verdict: file.verdict },
    })),
    results,
    columnKind: 'utf16CodeUnits',
  };
  return { $schema: SCHEMA, version: '2.1.0', runs: [run] };
}

/** The report as the predicate of a statement about a model. Times are left out: they repeat. */
export function scanPredicate(report: ScanReport, toolVersion: string): JsonObject {
  return {
    scanner: { name: 'proofmark', version: toolVersion },
    ruleset: { ...report.ruleset },
    limits: { ...report.limits },
    summary: { ...report.summary, bySeverity: { ...report.summary.bySeverity } },
    files: report.files.map(({ path, format, verdict, findings }) => ({
      path,
      format,
      verdict,
      findings: findings.map((finding) => ({ ...finding })),
    })),
  };
}

function toDescriptor(rule: Rule): JsonObject {
  return {
    id: rule.id,
    shortDescription: { text: rule.title },
    fullDescription: { text: rule.help },
    help: { text: `${rule.help} See: ${rule.taxa.join(', ')}.` },
    defaultConfiguration: { level: LEVELS[rule.severity] },
    properties: {
      'security-severity': SCORES[rule.severity],
      effect: rule.effect,
      tags: ['security', ...rule.taxa],
    },
  };
}

function toResult(path: string, finding: Finding, ruleIndex: number): JsonObject {
  const where = finding.member === null ? '' : ` (in ${finding.member})`;
  const logical =
    finding.member === null
      ? {}
      : { logicalLocations: [{ fullyQualifiedName: finding.member, kind: 'member' }] };
  // A member's offset counts in its decompressed bytes, so it is no region of the file.
  const region =
    finding.offset === null || finding.member !== null
      ? {}
      : { region: { byteOffset: finding.offset, byteLength: 1 } };
  return {
    ruleId: finding.rule,
    ruleIndex,
    level: LEVELS[finding.severity],
    message: { text: `${finding.message}${where}` },
    locations: [{ physicalLocation: { artifactLocation: location(path), ...region }, ...logical }],
    partialFingerprints: {
      'proofmark/v1': sha256Hex(
        [finding.rule, path, finding.member ?? '', finding.offset ?? '', finding.message].join(
          '\n',
        ),
      ),
    },
    properties: { memberOffset: finding.member === null ? null : finding.offset },
  };
}

function location(path: string): JsonObject {
  return { uri: path.split('/').map(encodeURIComponent).join('/'), uriBaseId: 'SCANROOT' };
}
