import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bytesSource, rulesetDigest, scanFiles } from '@proofmark/artifact';

import { calls } from './pickle-bytes.ts';

const file = (path: string, content: Uint8Array) =>
  ({ path, kind: 'file', source: bytesSource(content) }) as const;

test('every file is listed in the order of paths, links and special files too', () => {
  const report = scanFiles([
    file('z.pkl', calls('posix', 'system')),
    { path: 'link', kind: 'symlink', source: null },
    { path: 'pipe', kind: 'special', source: null },
    file('a.md', Buffer.from('# hi')),
  ]);

  assert.deepEqual(
    report.files.map(({ path, verdict }) => `${path} ${verdict}`),
    ['a.md clean', 'link findings', 'pipe incomplete', 'z.pkl findings'],
  );
  assert.deepEqual(report.summary.bySeverity, { low: 0, medium: 1, high: 1, critical: 1 });
  assert.equal(report.summary.scannable, 1);
});

test('a report says which rules and limits it was made with', () => {
  const report = scanFiles([], { allowImports: ['a:b'], limits: { maxDepth: 1 } });

  assert.equal(report.summary.verdict, 'nothing');
  assert.equal(report.ruleset.digest, rulesetDigest(['a:b']));
  assert.equal(report.limits.maxDepth, 1);
});

test('times come from the clock of the caller, and the same bytes give the same report', () => {
  let now = 0;
  const timed = scanFiles([file('a.json', Buffer.from('{}'))], { now: () => (now += 5) });

  assert.equal(timed.files[0]?.ms, 5);
  assert.deepEqual(
    scanFiles([file('a.pkl', calls('a', 'b'))]),
    scanFiles([file('a.pkl', calls('a', 'b'))]),
  );
});
