import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import type { AttemptRecord } from '@proofmark/evals';

import {
  comparisonLines,
  failingIds,
  failingLines,
  failureOf,
} from '../../src/commands/test-report.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'proofmark-report-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const clean: AttemptRecord = {
  rowId: 'a',
  family: 'f',
  runDigest: 'd',
  attack: 'resisted',
  succeededBy: null,
  content: 'pass',
  contentScore: 1,
  action: 'pass',
  actionSeverity: 'none',
  output: 'no',
  latencyMs: 1,
  scoringMs: 0.5,
  error: '',
};

test('a failure is said in words and never with the text of the attempt', () => {
  assert.equal(failureOf(clean), '');
  assert.equal(failingLines(Array.from({ length: 25 }, () => clean)).length, 21);
  assert.equal(
    failureOf({ ...clean, attack: 'succeeded', succeededBy: 'leak' }),
    'attack succeeded (leak)',
  );
  assert.equal(
    failureOf({ ...clean, content: 'error', action: 'fail', actionSeverity: 'critical' }),
    'content error, action critical',
  );
  assert.equal(failureOf({ ...clean, attack: 'error', error: 'timeout' }), 'error: timeout');
});

test('failing rows are read from records of the same run only', () => {
  const file = path.join(folder, 'results.jsonl');
  const records = [
    clean,
    { ...clean, rowId: 'b', content: 'fail' },
    { ...clean, rowId: 'c', runDigest: 'x' },
  ];
  writeFileSync(file, records.map((record) => `${JSON.stringify(record)}\n`).join(''));

  assert.deepEqual([...(failingIds(file, 'd') ?? [])], ['b']);
  assert.equal(failingIds(file, 'other'), null);
});

test('nothing to compare with is said, and so is what changed', () => {
  assert.match(comparisonLines(null)[0] ?? '', /no other version/);
  const lines = comparisonLines({ live: 'm@1', newlyFailing: ['b'], fixed: [], stillFailing: 2 });
  assert.deepEqual(lines, [
    'live       m@1: 1 newly failing, 0 fixed, 2 failing in both',
    '  newly failing b',
  ]);
});
