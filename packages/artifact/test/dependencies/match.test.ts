import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseAdvisorySnapshot } from '../../src/dependencies/advisory.ts';
import type { LockedPackage } from '../../src/dependencies/locked-package.ts';
import { ArtifactError } from '../../src/errors.ts';
import { matchDependencies } from '../../src/dependencies/match.ts';

const advisory = (id: string, events: object[], extra: object = {}): string =>
  JSON.stringify({
    id,
    affected: [{ package: { ecosystem: 'npm', name: 'p' }, ranges: [{ type: 'SEMVER', events }] }],
    ...extra,
  });
const snapshot = (...records: string[]): ReturnType<typeof parseAdvisorySnapshot> =>
  parseAdvisorySnapshot(['{"updated":"2026-01-01T00:00:00Z"}', ...records].join('\n'));
const locked = (version: string, extra: Partial<LockedPackage> = {}): LockedPackage => ({
  ecosystem: 'npm',
  name: 'p',
  version,
  integrity: 'sha512-x',
  development: false,
  ...extra,
});
const ids = (packages: readonly LockedPackage[], ...records: string[]): string[] =>
  matchDependencies(packages, snapshot(...records)).findings.map((f) => f.id);

test('a version is affected from introduced until before fixed', () => {
  const record = advisory('A', [{ introduced: '1.2.0' }, { fixed: '1.4.0' }]);
  const affected = ['1.1.9', '1.2.0-rc.1', '1.2.0', '1.3.9', '1.4.0-rc.1', '1.4.0', '2.0.0'].filter(
    (v) => ids([locked(v)], record).length > 0,
  );

  assert.deepEqual(affected, ['1.2.0', '1.3.9', '1.4.0-rc.1']);
});

test('last_affected is included; an open range has no end; "0" is the beginning', () => {
  assert.deepEqual(
    ids([locked('1.4.0')], advisory('A', [{ introduced: '0' }, { last_affected: '1.4.0' }])),
    ['A'],
  );
  assert.deepEqual(
    ids([locked('1.4.1')], advisory('A', [{ introduced: '0' }, { last_affected: '1.4.0' }])),
    [],
  );
  assert.deepEqual(ids([locked('0.0.1-alpha')], advisory('A', [{ introduced: '0' }])), ['A']);
});

test('a version that cannot be ordered counts as affected', () => {
  assert.deepEqual(
    ids(
      [locked('git+https://example.com/x')],
      advisory('A', [{ introduced: '1.0.0' }, { fixed: '1.0.1' }]),
    ),
    ['A'],
  );
});

test('another package, a withdrawn record and a development dependency do not count', () => {
  const record = advisory('A', [{ introduced: '0' }]);

  assert.deepEqual(ids([locked('1.0.0', { name: 'q' })], record), []);
  assert.deepEqual(
    ids(
      [locked('1.0.0')],
      advisory('A', [{ introduced: '0' }], { withdrawn: '2026-01-01T00:00:00Z' }),
    ),
    [],
  );
  assert.deepEqual(ids([locked('1.0.0', { development: true })], record), []);
});

test('the report says how many packages, which are not pinned, and which database', () => {
  const data = snapshot(advisory('A', [{ introduced: '0' }, { fixed: '2.0.0' }]));

  const report = matchDependencies(
    [locked('1.0.0', { name: '@s/p', integrity: null }), locked('1.0.0')],
    data,
  );

  assert.equal(report.packages, 2);
  assert.deepEqual(report.unpinned, ['pkg:npm/%40s/p@1.0.0']);
  assert.deepEqual(
    report.findings.map((f) => [f.purl, f.fixed]),
    [['pkg:npm/p@1.0.0', ['2.0.0']]],
  );
  assert.deepEqual(report.database, {
    digest: data.digest,
    records: 1,
    updatedAtMs: data.updatedAtMs,
  });
});

test('no packages is reported as no packages', () => {
  assert.equal(matchDependencies([], snapshot()).packages, 0);
});

test('a snapshot that covers no package of an ecosystem gives no answer about it', () => {
  const record = advisory('A', [{ introduced: '0' }]);

  assert.throws(
    () => ids([locked('1.0.0'), locked('1.0', { ecosystem: 'PyPI', name: 'q' })], record),
    (error) => error instanceof ArtifactError && error.code === 'ARTIFACT_ADVISORIES_INVALID',
  );
  assert.throws(() => ids([locked('1.0.0')]), ArtifactError);
  assert.deepEqual(ids([locked('1.0', { ecosystem: 'PyPI', development: true })], record), []);
});

test('PyPI packages are matched by normalised name and by the order of Python versions', () => {
  const record = JSON.stringify({
    id: 'PYSEC-1',
    affected: [
      {
        package: { ecosystem: 'PyPI', name: 'Foo.Bar' },
        ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '1.0' }, { fixed: '1.10' }] }],
        versions: ['2.0'],
      },
    ],
  });
  const python = (version: string): LockedPackage =>
    locked(version, { ecosystem: 'PyPI', name: 'foo-bar' });
  const affected = ['0.9', '1.0rc1', '1.0', '1.9.post1', '1.10rc1', '1.10', '2.0.0', '3'].filter(
    (version) => ids([python(version)], record).length > 0,
  );

  assert.deepEqual(affected, ['1.0', '1.9.post1', '1.10rc1', '2.0.0']);
});
