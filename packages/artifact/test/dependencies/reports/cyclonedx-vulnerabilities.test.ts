import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ArtifactError } from '../../../src/errors.ts';
import { readCyclonedx } from '../../../src/dependencies/reports/cyclonedx-vulnerabilities.ts';
import { findings, reportObject } from './report-vectors.ts';

test('findings by component; an analysis inside the document silences nothing', () => {
  const report = readCyclonedx(reportObject('cyclonedx.json'));

  assert.deepEqual(findings(report), [
    'CVE-2021-23337,GHSA-35jh-r3h4-6jhm 7.2 pkg:npm/lodash@4.17.15',
    'CVE-2021-44906 10 minimist@1.2.0',
    'CVE-2026-0001 null unknown',
  ]);
  assert.partialDeepStrictEqual(report, {
    packages: 2,
    subjects: ['b2'.repeat(32)],
    finishedAtMs: Date.parse('2026-11-20T09:00:00Z'),
    scanner: { uri: 'urn:cyclonedx:tool:scanner', version: '3.1' },
  });
});

test('a bill of materials without vulnerabilities is no scan', () => {
  assert.throws(
    () => readCyclonedx({ bomFormat: 'CycloneDX', components: [] }),
    (error) => error instanceof ArtifactError && error.code === 'ARTIFACT_REPORT_INVALID',
  );
});

test('tools as a list, as before 1.5, are read; components nested without end are not', () => {
  let components: object[] = [];
  for (let n = 0; n < 100; n += 1) components = [{ type: 'library', name: `c${n}`, components }];
  const report = readCyclonedx({
    bomFormat: 'CycloneDX',
    metadata: { tools: [{ name: 't', version: '1' }] },
    components: JSON.parse(JSON.stringify(components)) as [],
    vulnerabilities: [],
  });

  assert.equal(report.scanner.version, '1');
  assert.equal(report.packages, 17);
});
