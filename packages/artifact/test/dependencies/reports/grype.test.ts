import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isGrype, readGrype } from '../../../src/dependencies/reports/grype.ts';
import { findings, reportObject } from './report-vectors.ts';

test('matches with related ids, also those that grype was told to ignore', () => {
  const report = readGrype(reportObject('grype.json'));

  assert.deepEqual(findings(report), [
    'GHSA-35jh-r3h4-6jhm,CVE-2021-23337 7.2 pkg:npm/lodash@4.17.15',
    'CVE-2026-0001 null libc6@2.41-1',
  ]);
  assert.partialDeepStrictEqual(report, {
    scanner: { version: '0.100.0' },
    database: {
      uri: 'https://db.example/grype.tar.zst',
      version: 'v6.1.0',
      lastUpdateMs: Date.parse('2026-11-19T06:00:00Z'),
    },
    finishedAtMs: Date.parse('2026-11-20T09:00:00Z'),
    subjects: ['a1'.repeat(32), 'c3'.repeat(32), 'b2'.repeat(32)],
    packages: null,
  });
});

test('older documents date the database one level up', () => {
  const report = readGrype({
    matches: [],
    descriptor: { name: 'grype', db: { built: '2026-11-01T00:00:00Z' } },
  });

  assert.equal(report.database.lastUpdateMs, Date.parse('2026-11-01T00:00:00Z'));
  assert.equal(report.scanner.version, null);
});

test('the descriptor names the tool', () => {
  assert.ok(isGrype(reportObject('grype.json')));
  assert.ok(!isGrype({ matches: [], descriptor: { name: 'other' } }));
  assert.ok(!isGrype({ descriptor: { name: 'grype' } }));
});
