import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { runReport } from '../../src/evidence/report-evidence.ts';
import type { ReportInput } from '../../src/evidence/report-evidence.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const MINUTE_MS = 60_000;

function input(ranAtMs: number, change: Partial<ReportInput> = {}): ReportInput {
  const Packages = [{ Name: 'a', Version: '1.0.0', Identifier: { PURL: 'pkg:npm/a@1.0.0' } }];
  const report = {
    SchemaVersion: 2,
    CreatedAt: new Date(ranAtMs).toISOString(),
    ArtifactName: 'x',
    ArtifactType: 'filesystem',
    Results: [{ Target: 'package-lock.json', Class: 'lang-pkgs', Type: 'npm', Packages }],
  };
  return {
    report: Buffer.from(JSON.stringify(report)),
    signers: [],
    subjects: [],
    vex: [],
    vexAuthors: [],
    locked: null,
    scannedAtMs: null,
    databaseUpdatedMs: NOW,
    nowMs: NOW,
    ...change,
  };
}

test('a report of now becomes evidence, also by a clock that is a little fast', () => {
  for (const ms of [NOW - MINUTE_MS, NOW, NOW + 4 * MINUTE_MS]) {
    assert.equal(runReport(input(ms)).predicate.finishedAtMs, ms);
  }
});

describe('a report of tomorrow, which would be the newest for ever, is refused:', () => {
  test('it ran then', () => {
    assert.throws(() => runReport(input(Date.parse('2099-01-01T00:00:00Z'))), {
      code: 'CLI_EVIDENCE_INVALID',
      message: /it ran at 2099-01-01/,
    });
  });

  test('its database is of then', () => {
    assert.throws(() => runReport(input(NOW, { databaseUpdatedMs: NOW + 6 * MINUTE_MS })), {
      code: 'CLI_EVIDENCE_INVALID',
      message: /its database was updated at/,
    });
  });
});
