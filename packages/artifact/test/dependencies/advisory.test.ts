import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';

import { parseAdvisorySnapshot } from '../../src/dependencies/advisory.ts';
import { ArtifactError } from '../../src/errors.ts';

const head = '{"updated":"2026-09-20T00:00:00Z"}';
const record = {
  id: 'X-1',
  affected: [
    {
      package: { ecosystem: 'npm', name: 'a' },
      ranges: [
        {
          type: 'SEMVER',
          events: [{ introduced: '0' }, { fixed: '1.0.0' }, { introduced: '2.0.0' }],
        },
      ],
    },
  ],
};

test('the snapshot that ships reads', () => {
  const file = path.join(import.meta.dirname, '../../../../deploy/advisories/npm.jsonl');

  const snapshot = parseAdvisorySnapshot(readFileSync(file, 'utf8'));

  assert.ok(snapshot.advisories.length >= 11);
  assert.ok(snapshot.updatedAtMs > Date.parse('2026-01-01'));
});

test('events become ranges; an open range has no end; commits are left out', () => {
  const withGit = {
    ...record,
    affected: [
      {
        ...record.affected[0],
        ranges: [{ type: 'GIT', events: [] }, ...(record.affected[0]?.ranges ?? [])],
      },
    ],
  };

  const { advisories } = parseAdvisorySnapshot(`${head}\n${JSON.stringify(withGit)}\n`);

  assert.deepEqual(advisories[0]?.affected[0]?.ranges, [
    { introduced: '0', fixed: '1.0.0', lastAffected: null },
    { introduced: '2.0.0', fixed: null, lastAffected: null },
  ]);
  assert.equal(advisories[0].severity, 'unknown');
});

describe('parseAdvisorySnapshot() refuses the whole snapshot for one bad record', () => {
  const bad: readonly (readonly [string, string])[] = [
    ['no date', JSON.stringify(record)],
    ['nothing at all', ''],
    ['a line that is not JSON', `${head}\nnot json`],
    ['a record without id', `${head}\n${JSON.stringify({ ...record, id: '' })}`],
    [
      'a record that affects nothing',
      `${head}\n${JSON.stringify({ ...record, affected: [{ package: { ecosystem: 'npm', name: 'a' } }] })}`,
    ],
    [
      'fixed without introduced',
      `${head}\n${JSON.stringify({ ...record, affected: [{ package: { ecosystem: 'npm', name: 'a' }, ranges: [{ type: 'SEMVER', events: [{ fixed: '1.0.0' }] }] }] })}`,
    ],
    [
      'an event of unknown kind',
      `${head}\n${JSON.stringify({ ...record, affected: [{ package: { ecosystem: 'npm', name: 'a' }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { until: '1.0.0' }] }] }] })}`,
    ],
  ];
  for (const [name, text] of bad) {
    test(name, () => {
      assert.throws(
        () => parseAdvisorySnapshot(text),
        (e) => e instanceof ArtifactError && e.code === 'ARTIFACT_ADVISORIES_INVALID',
      );
    });
  }
});
