import assert from 'node:assert/strict';
import { test } from 'node:test';

import { summarize } from '../../src/scan/report.ts';
import type { FileReport, FileVerdict } from '../../src/scan/report.ts';

function file(verdict: FileVerdict, format = 'pickle'): FileReport {
  return { path: 'a', format, verdict, findings: [], ms: 0 };
}

const verdict = (...files: readonly FileReport[]): string =>
  summarize(files, (format) => format !== 'text').verdict;

test('findings outweigh incomplete, incomplete outweighs clean, and no model at all is its own verdict', () => {
  assert.equal(verdict(file('clean'), file('incomplete'), file('findings')), 'findings');
  assert.equal(verdict(file('clean'), file('incomplete')), 'incomplete');
  assert.equal(verdict(file('clean'), file('clean', 'text')), 'clean');
  assert.equal(verdict(file('clean', 'text')), 'nothing');
  assert.equal(verdict(), 'nothing');
  assert.equal(verdict(file('incomplete', 'text')), 'incomplete');
});
