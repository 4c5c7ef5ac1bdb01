import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { sha256Hex } from '@proofmark/core';

import type { AdvisorySnapshot } from '../../src/dependencies/advisory.ts';
import type { LockedPackage } from '../../src/dependencies/locked-package.ts';
import { matchDependencies } from '../../src/dependencies/match.ts';
import { readOsvArchives } from '../../src/dependencies/osv-archive.ts';
import { bytesSource } from '../../src/scan/byte-source.ts';
import { zip } from '../scan/archive-bytes.ts';
import type { Member, ZipLies } from '../scan/archive-bytes.ts';

const NOW = Date.parse('2026-09-21T00:00:00Z');
const locked = (ecosystem: 'npm' | 'PyPI', name: string, version: string): LockedPackage => ({
  ecosystem,
  name,
  version,
  integrity: 'sha256:x',
  development: false,
});

type Record_ = Readonly<Record<string, unknown>>;
function record(id: string, ecosystem: string, name: string, more: Record_ = {}): Record_ {
  const ranges = [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '2.0' }] }];
  return {
    schema_version: '1.7.3',
    id,
    modified: '2026-09-20T00:00:00Z',
    affected: [{ package: { ecosystem, name, purl: 'pkg:x/y' }, ranges }],
    ...more,
  };
}

const member = (value: unknown, name: string, more: Partial<Member> = {}): Member => ({
  name,
  data: Buffer.from(JSON.stringify(value)),
  method: 8,
  ...more,
});
const archive = (...records: readonly Record_[]): Buffer =>
  zip(records.map((one) => member(one, `${String(one['id'])}.json`)));
const read = (
  bytes: readonly Buffer[],
  packages: readonly LockedPackage[] = [],
): AdvisorySnapshot =>
  readOsvArchives(
    bytes.map((one, i) => ({ name: `${i}.zip`, source: bytesSource(one) })),
    packages,
    NOW,
  );

test('the records about a lock file are matched; all are counted', () => {
  const packages = [locked('PyPI', 'some-name', '1.0'), locked('npm', 'left-pad', '1.0.0')];
  const python = archive(
    record('PYSEC-1', 'PyPI', 'Some_Name'),
    record('PYSEC-2', 'PyPI', 'other'),
  );
  const npm = archive(
    record('MAL-2026-1', 'npm', 'left-pad', { modified: '2026-09-01T00:00:00Z' }),
  );

  const snapshot = read([python, npm], packages);
  const { findings, database } = matchDependencies(packages, snapshot);

  assert.deepEqual(
    findings.map(({ id }) => id),
    ['PYSEC-1', 'MAL-2026-1'],
  );
  assert.equal(database.records, 3);
  assert.deepEqual([...snapshot.ecosystems].toSorted(), ['PyPI', 'npm']);
  assert.equal(
    snapshot.updatedAtMs,
    Date.parse('2026-09-01T00:00:00Z'),
    'the older archive counts',
  );
  assert.equal(read([npm, python], packages).digest, snapshot.digest);
  assert.equal(read([npm]).digest, sha256Hex(npm));
});

test('an archive without an ecosystem knows nothing about it', () => {
  const packages = [locked('npm', 'a', '1.0.0')];
  const snapshot = read([archive(record('PYSEC-1', 'PyPI', 'a'))], packages);

  assert.throws(() => matchDependencies(packages, snapshot), {
    code: 'ARTIFACT_ADVISORIES_INVALID',
  });
});

test('a change dated in the future does not keep an archive young', () => {
  const old = record('A', 'npm', 'a', { modified: '2025-01-01T00:00:00Z' });
  const future = record('B', 'npm', 'b', { modified: '2036-01-01T00:00:00Z' });

  assert.equal(read([archive(old, future)]).updatedAtMs, Date.parse('2025-01-01T00:00:00Z'));
  assert.throws(() => read([archive(future)]), { code: 'ARTIFACT_ADVISORIES_INVALID' });
});

test('records as they are published: no version is every version, no package is none', () => {
  const packages = [locked('npm', 'a', '9.9.9')];
  const affected = [
    { ranges: [{ type: 'GIT', repo: 'https://example.org/a', events: [{ introduced: '0' }] }] },
    { package: { ecosystem: 'npm', name: 'a' } },
  ];
  const withdrawn = {
    id: 'C',
    modified: '2026-09-20T00:00:00Z',
    withdrawn: '2026-09-20T00:00:00Z',
  };

  const snapshot = read([archive(record('A', 'npm', 'a', { affected }), withdrawn)], packages);

  assert.deepEqual(
    matchDependencies(packages, snapshot).findings.map(({ id }) => id),
    ['A'],
  );
});

test('a score stands in for a severity word', () => {
  const packages = [locked('npm', 'a', '1.0.0')];
  const vector = { type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' };
  const severities = [[vector], [vector, { type: 'CVSS_V4', score: 'CVSS:4.0/AV:N' }], []];

  const found = severities.map(
    (severity) =>
      read([archive(record('A', 'npm', 'a', { severity }))], packages).advisories[0]?.severity,
  );

  assert.deepEqual(found, ['critical', 'unknown', 'unknown']);
});

describe('an archive is refused whole:', () => {
  const good = record('A', 'npm', 'a');
  const cases: readonly (readonly [string, readonly Member[], ZipLies?])[] = [
    ['no record', []],
    ['not the bytes of a directory', [], { suffix: Buffer.from('hidden') }],
    ['a record twice', [member(good, 'A.json'), member(good, 'A.json')]],
    ['something else', [member(good, 'A.json'), member(good, 'A.txt')]],
    ['a record that is none', [member([], 'A.json')]],
    ['text that is not JSON', [{ name: 'A.json', data: Buffer.from('{"id":1,"id":2}') }]],
    ['no date', [member({ ...good, modified: undefined }, 'A.json')]],
    [
      'a range without an order',
      [
        member(
          record('A', 'npm', 'a', {
            affected: [
              {
                package: { ecosystem: 'npm', name: 'a' },
                ranges: [{ type: 'SEMVER', events: [{ fixed: '1' }] }],
              },
            ],
          }),
          'A.json',
        ),
      ],
    ],
    ['a wrong checksum', [member(good, 'A.json', { crc: 1 })]],
    ['another local name', [member(good, 'A.json', { localName: 'B.json' })]],
    ['a bomb', [{ name: 'A.json', data: Buffer.alloc(20_000_000, 0x20), method: 8 }]],
    ['bytes behind the archive', [member(good, 'A.json')], { suffix: Buffer.from('hidden') }],
    ['a count that lies', [member(good, 'A.json')], { count: 2 }],
  ];
  for (const [name, members, lies] of cases) {
    test(name, () => {
      assert.throws(() => read([zip(members, lies)]), { code: 'ARTIFACT_ADVISORIES_INVALID' });
    });
  }

  test('no archive at all, and no archive', () => {
    for (const bytes of [[], [Buffer.from('not a zip')]]) {
      assert.throws(() => read(bytes), { code: 'ARTIFACT_ADVISORIES_INVALID' });
    }
  });
});
