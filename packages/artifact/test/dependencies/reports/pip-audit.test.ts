import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ArtifactError } from '../../../src/errors.ts';
import { isPipAudit, readPipAudit } from '../../../src/dependencies/reports/pip-audit.ts';
import { findings, reportJson } from './report-vectors.ts';

test('vulnerable and clean packages; no severity is in the document', () => {
  const report = readPipAudit(reportJson('pip-audit.json'));

  assert.deepEqual(
    new Set(findings(report)),
    new Set(['PYSEC-2021-66,GHSA-g3rq-g295-4j3m,CVE-2020-28493 null pkg:pypi/jinja2@2.11.2']),
  );
  assert.deepEqual(report.vulnerabilities[0]?.fixed, ['2.11.3']);
  assert.equal(report.packages, 2);
});

test('the list of older versions reads the same', () => {
  const list = [{ name: 'A_b', version: '1.0', vulns: [] }];

  assert.ok(isPipAudit(list));
  assert.equal(readPipAudit(list).packages, 1);
});

test('a report that skipped packages is refused: they were not looked at', () => {
  assert.throws(
    () => readPipAudit(reportJson('pip-audit-skipped.json')),
    (error) =>
      error instanceof ArtifactError &&
      error.code === 'ARTIFACT_REPORT_INVALID' &&
      /skipped 2 packages \(jinja2, markupsafe\)/.test(error.message),
  );
});

test('an audit of nothing is a report about no package; other documents are not taken', () => {
  assert.ok(isPipAudit({ dependencies: [], fixes: [] }));
  assert.equal(readPipAudit({ dependencies: [], fixes: [] }).packages, 0);
  for (const other of [{}, [], { dependencies: [] }, { dependencies: [{ name: 'a' }] }, [1], 'x']) {
    assert.ok(!isPipAudit(other), JSON.stringify(other));
  }
});
