import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isTrivy, readTrivy } from '../../../src/dependencies/reports/trivy.ts';
import { findings, reportObject } from './report-vectors.ts';

test('findings of every result, also those that trivy was told to ignore', () => {
  const report = readTrivy(reportObject('trivy.json'));

  assert.deepEqual(findings(report), [
    'CVE-2021-23337,GHSA-35jh-r3h4-6jhm 7.2 pkg:npm/lodash@4.17.15',
    'CVE-2026-0001 null libc6@2.41-1',
    'CVE-2021-44906 9.8 pkg:npm/minimist@1.2.0',
  ]);
});

test('scanner, time with its offset, digests of the image, packages', () => {
  const report = readTrivy(reportObject('trivy.json'));

  assert.partialDeepStrictEqual(report, {
    scanner: { uri: 'https://github.com/aquasecurity/trivy', version: '0.66.0' },
    database: { lastUpdateMs: null },
    finishedAtMs: Date.parse('2026-11-20T09:00:00.123Z'),
    subjects: ['a1'.repeat(32), 'b2'.repeat(32)],
    packages: 2,
  });
});

test('without --list-all-pkgs nobody knows how many packages were looked at', () => {
  const report = readTrivy({ SchemaVersion: 2, ArtifactName: 'x', Results: [{ Target: 'a' }] });

  assert.equal(report.packages, null);
  assert.deepEqual(report.vulnerabilities, []);
});

test('another schema version is not taken', () => {
  assert.ok(isTrivy({ SchemaVersion: 2, ArtifactName: 'x' }));
  assert.ok(!isTrivy({ SchemaVersion: 3, ArtifactName: 'x' }));
  assert.ok(!isTrivy({ SchemaVersion: 2 }));
});
