import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Json, JsonObject } from '@proofmark/core';

import { ArtifactError } from '../../../src/errors.ts';
import { readSarif } from '../../../src/dependencies/reports/sarif.ts';
import { findings, reportObject } from './report-vectors.ts';

test('osv-scanner as SARIF: one finding a result, with its other names, without a score', () => {
  const report = readSarif(reportObject('osv-scanner.sarif.json'));

  assert.ok(report.vulnerabilities.length >= 2);
  assert.ok(report.vulnerabilities.every(({ ids, cvss }) => ids.length > 1 && cvss === null));
  assert.ok(report.vulnerabilities.some(({ ids }) => ids.includes('CVE-2021-23337')));
  assert.equal(report.scanner.version, '1.9.2');
  assert.equal(report.packages, null);
});

function sarif(results: Json, run: JsonObject = {}): JsonObject {
  return {
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'g',
            rules: [{ id: 'CVE-2024-1-libc', properties: { 'security-severity': '9.1' } }],
          },
        },
        results,
        ...run,
      },
    ],
  };
}

test('the package behind the id goes; suppressed results count like the rest; times are read', () => {
  const report = readSarif(
    sarif(
      [
        {
          ruleId: 'CVE-2024-12345-libc',
          suppressions: [{ kind: 'external' }],
          locations: [{ physicalLocation: { artifactLocation: { uri: 'image/libc' } } }],
        },
        { ruleId: 'MAL-2024-1', message: { text: 'malware' } },
      ],
      { invocations: [{ executionSuccessful: true, endTimeUtc: '2026-11-20T09:00:00Z' }] },
    ),
  );

  assert.deepEqual(findings(report), ['CVE-2024-12345 null image/libc', 'MAL-2024-1 null unknown']);
  assert.equal(report.finishedAtMs, Date.parse('2026-11-20T09:00:00Z'));
});

describe('readSarif() refuses', () => {
  const cases: readonly (readonly [string, JsonObject])[] = [
    ['a rule that is no vulnerability', sarif([{ ruleId: 'P-1' }])],
    ['a result without a rule', sarif([{}])],
    ['a run that failed', sarif([], { invocations: [{ executionSuccessful: false }] })],
    ['no run', { version: '2.1.0', runs: [] }],
    ['two runs', { version: '2.1.0', runs: [{}, {}] }],
  ];
  for (const [why, root] of cases) {
    test(why, () => {
      assert.throws(
        () => readSarif(root),
        (error) => error instanceof ArtifactError && error.code === 'ARTIFACT_REPORT_INVALID',
      );
    });
  }
});
