import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { JsonObject } from '@proofmark/core';

import { ArtifactError } from '../../../src/errors.ts';
import { readPredicate } from '../../../src/dependencies/reports/predicate.ts';
import { findings, reportObject } from './report-vectors.ts';

const metadata = {
  scanStartedOn: '2026-11-20T08:59:00Z',
  scanFinishedOn: '2026-11-20T09:00:00Z',
};
const scanner = (result: object): JsonObject =>
  JSON.parse(
    JSON.stringify({
      scanner: {
        uri: 'pkg:github/x/scanner',
        version: '1.2',
        db: { uri: 'pkg:github/x/db', version: '7', lastUpdate: '2026-11-19T00:00:00Z' },
        result,
      },
      metadata,
    }),
  ) as JsonObject;

const V1 = 'https://in-toto.io/attestation/vulns/v0.1';
const V2 = 'https://in-toto.io/attestation/vulns/v0.2';
const COSIGN = 'https://cosign.sigstore.dev/attestation/vuln/v1';

test('vulns v0.2: words and CVSS numbers, the worst counts; other numbers are no CVSS', () => {
  const report = readPredicate(
    V2,
    scanner([
      {
        id: 'CVE-1',
        severity: [
          { method: 'nvd', score: 'medium' },
          { method: 'cvss_score', score: '5.2' },
        ],
        annotations: [{ component: 'pkg:npm/a@1' }, { alias: 'GHSA-x' }],
      },
      { id: 'CVE-2', severity: [{ method: 'epss', score: '0.3' }] },
    ]),
  );

  assert.deepEqual(findings(report), ['CVE-1,GHSA-x 6.9 pkg:npm/a@1', 'CVE-2 null unknown']);
  assert.partialDeepStrictEqual(report, {
    scanner: { uri: 'pkg:github/x/scanner', version: '1.2' },
    database: { version: '7', lastUpdateMs: Date.parse('2026-11-19T00:00:00Z') },
    finishedAtMs: Date.parse(metadata.scanFinishedOn),
    packages: null,
  });
});

test('vulns v0.1: as its text has it, and as its example has it', () => {
  const severity = { method: 'CVSS', score: '9.8' };
  const report = readPredicate(
    V1,
    scanner([{ vulnerability: { id: 'CVE-1', severity } }, { id: 'CVE-2', severity: [severity] }]),
  );

  assert.deepEqual(findings(report), ['CVE-1 9.8 unknown', 'CVE-2 9.8 unknown']);
});

test("cosign's: the scanner's own report inside, dated by the statement", () => {
  for (const name of ['trivy.json', 'grype.json']) {
    const report = readPredicate(COSIGN, scanner(reportObject(name)));

    assert.ok(report.vulnerabilities.length >= 2, name);
    assert.equal(report.finishedAtMs, Date.parse(metadata.scanFinishedOn));
    assert.equal(report.database.lastUpdateMs, Date.parse('2026-11-19T00:00:00Z'));
  }
});

test('CycloneDX as predicate', () => {
  const report = readPredicate('https://cyclonedx.org/bom/v1.6', reportObject('cyclonedx.json'));

  assert.equal(report.vulnerabilities.length, 3);
});

describe('readPredicate() refuses', () => {
  const cases: readonly (readonly [string, string, JsonObject])[] = [
    ['another type', 'https://slsa.dev/provenance/v1', {}],
    ['a version that is not known', 'https://in-toto.io/attestation/vulns/v0.3', scanner([])],
    ['a result that is no list', V2, scanner({})],
    ['no result', V2, { scanner: {} }],
    ["a scanner inside cosign's that is not known", COSIGN, scanner({ findings: [] })],
    ["a list inside cosign's", COSIGN, scanner([])],
    ['a CycloneDX type around something else', 'https://cyclonedx.org/bom', {}],
  ];
  for (const [why, type, predicate] of cases) {
    test(why, () => {
      assert.throws(
        () => readPredicate(type, predicate),
        (error) => error instanceof ArtifactError && error.code === 'ARTIFACT_REPORT_INVALID',
      );
    });
  }
});
