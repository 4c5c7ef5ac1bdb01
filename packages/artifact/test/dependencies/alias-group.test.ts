import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { groupAliases } from '../../src/dependencies/alias-group.ts';
import type { ReportedVulnerability } from '../../src/dependencies/reported.ts';

const entry = (ids: string[], cvss: number | null = 5, component = 'c'): ReportedVulnerability => ({
  ids,
  component,
  cvss,
  fixed: [],
  summary: '',
});

test('ids that meet over a third are one vulnerability, named by its CVE', () => {
  const groups = groupAliases([
    entry(['PYSEC-1', 'GHSA-a'], 3),
    entry(['CVE-1', 'OSV-9'], null),
    entry(['GHSA-a', 'CVE-1'], 7),
    entry(['CVE-2'], 4),
  ]);

  assert.deepEqual(
    groups.map(({ id, aliases, cvss }) => [id, aliases, cvss]),
    [
      ['CVE-1', ['GHSA-a', 'OSV-9', 'PYSEC-1'], 7],
      ['CVE-2', [], 4],
    ],
  );
});

test('the same id in two components stays two', () => {
  assert.deepEqual(
    groupAliases([entry(['CVE-1'], 1, 'b'), entry(['CVE-1'], 1, 'a')]).map((g) => g.component),
    ['a', 'b'],
  );
});

test('a malware id comes before any other name', () => {
  assert.equal(groupAliases([entry(['CVE-1', 'MAL-2024-1', 'GHSA-a'])])[0]?.id, 'MAL-2024-1');
});

test('a severity is unknown only when no member knows one', () => {
  assert.equal(groupAliases([entry(['A'], null), entry(['A', 'B'], null)])[0]?.cvss, null);
  assert.equal(groupAliases([entry(['A'], null), entry(['A', 'B'], 2)])[0]?.cvss, 2);
});

test('fixed versions of all members are joined', () => {
  const groups = groupAliases([
    { ...entry(['A']), fixed: ['2', '1'], summary: 'x' },
    { ...entry(['A']), fixed: ['1', '3'] },
  ]);

  assert.deepEqual(groups[0]?.fixed, ['1', '2', '3']);
  assert.equal(groups[0]?.summary, 'x');
});

test('laws: order changes nothing, no id is lost, groups share none, the worst score stays', () => {
  const ids = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), {
    minLength: 1,
    maxLength: 3,
  });
  const entries = fc.array(
    fc.tuple(ids, fc.option(fc.integer({ min: 0, max: 10 }))).map(([i, c]) => entry(i, c)),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(entries, (found) => {
      const groups = groupAliases(found);
      const all = groups.flatMap(({ id, aliases }) => [id, ...aliases]);
      assert.deepEqual(groupAliases(found.toReversed()), groups);
      assert.deepEqual(new Set(all), new Set(found.flatMap((each) => each.ids)));
      assert.equal(new Set(all).size, all.length);
      const scores = (list: readonly { readonly cvss: number | null }[]): number =>
        Math.max(-1, ...list.map(({ cvss }) => cvss ?? -1));
      assert.equal(scores(groups), scores(found));
    }),
  );
});

test('a chain of a hundred thousand aliases is joined in linear time', () => {
  const chain = Array.from({ length: 100_000 }, (_, n) => entry([`A-${n}`, `A-${n + 1}`]));

  assert.equal(groupAliases(chain).length, 1);
});
