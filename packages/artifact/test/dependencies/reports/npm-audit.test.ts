import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ArtifactError } from '../../../src/errors.ts';
import { isNpmAudit, readNpmAudit } from '../../../src/dependencies/reports/npm-audit.ts';
import { findings, reportObject } from './report-vectors.ts';

test('advisories by their GitHub id, with the score and how many packages were looked at', () => {
  const report = readNpmAudit(reportObject('npm-audit.json'));

  assert.deepEqual(findings(report), ['GHSA-35jh-r3h4-6jhm 7.2 pkg:npm/lodash']);
  assert.equal(report.packages, 2);
});

test('packages that only lead to a vulnerable one add nothing; scores of zero are no scores', () => {
  const report = readNpmAudit({
    auditReportVersion: 2,
    vulnerabilities: {
      a: { name: 'a', via: ['@s/b'] },
      '@s/b': {
        name: '@s/b',
        via: [
          {
            source: 7,
            dependency: '@s/b',
            severity: 'critical',
            url: 'https://example.org/7',
            cvss: { score: 0, vectorString: null },
          },
        ],
      },
    },
    metadata: {},
  });

  assert.deepEqual(findings(report), ['npm-7 10 pkg:npm/%40s/b']);
  assert.equal(report.packages, null);
});

test('an audit that its registry refused, and the format before npm 7, are no reports', () => {
  for (const root of [
    reportObject('npm-audit-failed.json'),
    { auditReportVersion: 1, advisories: {} },
  ]) {
    assert.ok(isNpmAudit(root));
    assert.throws(
      () => readNpmAudit(root),
      (error) => error instanceof ArtifactError && error.code === 'ARTIFACT_REPORT_INVALID',
    );
  }
});
