import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isOsvScanner, readOsvScanner } from '../../../src/dependencies/reports/osv-scanner.ts';
import { findings, reportObject } from './report-vectors.ts';

test('every record with its aliases, the group and the score that osv-scanner computed', () => {
  const report = readOsvScanner(reportObject('osv-scanner.json'));
  const [lodash = '', ...python] = findings(report);

  assert.match(lodash, /^GHSA-35jh-r3h4-6jhm,CVE-2021-23337,.* 7\.2 pkg:npm\/lodash@4\.17\.15$/);
  assert.equal(python.length, 1);
  assert.ok(
    python.every((line) => line.endsWith(' 5.3 pkg:pypi/jinja2@2.11.2')),
    python.join('\n'),
  );
  assert.deepEqual(report.vulnerabilities[0]?.fixed, ['4.17.21']);
  assert.equal(report.packages, 2);
});

test('with all packages, those without findings count too', () => {
  const report = readOsvScanner(reportObject('osv-scanner-all-packages.json'));

  assert.equal(report.packages, 4);
  assert.equal(report.vulnerabilities.length, 2);
});

test('an empty list of results is a report about no package', () => {
  assert.ok(isOsvScanner({ results: [] }));
  assert.ok(isOsvScanner({ results: [], experimental_config: {} }));
  assert.equal(readOsvScanner({ results: [] }).packages, 0);
});

test('what only looks alike is not taken', () => {
  assert.ok(!isOsvScanner({ results: [], other: 1 }));
  assert.ok(!isOsvScanner({ results: [{ source: {} }] }));
  assert.ok(!isOsvScanner({ results: 'none' }));
});

test('without a score the word of the database counts; without either, nothing is known', () => {
  const of = (record: object): unknown =>
    readOsvScanner({
      results: [
        {
          source: {},
          packages: [
            {
              package: { name: 'a', version: '1', ecosystem: 'Go' },
              vulnerabilities: [{ id: 'GO-1', ...record }],
            },
          ],
        },
      ],
    }).vulnerabilities[0];

  assert.partialDeepStrictEqual(of({ database_specific: { severity: 'MODERATE' } }), {
    cvss: 6.9,
    component: 'a@1',
  });
  assert.partialDeepStrictEqual(of({}), { cvss: null });
});
