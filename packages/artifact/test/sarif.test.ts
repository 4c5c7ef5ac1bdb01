import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RULES, bytesSource, scanFiles, scanPredicate, toSarif } from '@proofmark/artifact';
import { canonicalJson } from '@proofmark/core';

import { zip } from './scan/archive-bytes.ts';
import { calls } from './scan/pickle-bytes.ts';

const EVIL = calls('posix', 'system');
const report = scanFiles([
  { path: 'a dir/model.pkl', kind: 'file', source: bytesSource(EVIL) },
  { path: 'b.zip', kind: 'file', source: bytesSource(zip([{ name: 'x.pkl', data: EVIL }])) },
]);

interface Sarif {
  readonly version: string;
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly locations: readonly {
        readonly physicalLocation: {
          readonly artifactLocation: { readonly uri: string };
          readonly region?: { readonly byteOffset: number };
        };
        readonly logicalLocations?: readonly { readonly fullyQualifiedName: string }[];
      }[];
      readonly partialFingerprints: Readonly<Record<string, string>>;
    }[];
  }[];
}

test('SARIF has every rule, one result for each finding, and byte offsets in files', () => {
  const { version, runs } = toSarif(report, '1.0.0') as unknown as Sarif;
  const [run] = runs;
  assert.ok(run !== undefined);

  assert.equal(version, '2.1.0');
  assert.deepEqual(
    run.tool.driver.rules.map(({ id }) => id),
    [...RULES.keys()],
  );
  for (const { ruleId, ruleIndex } of run.results)
    assert.equal(run.tool.driver.rules[ruleIndex]?.id, ruleId);
  const [inFile, inMember] = run.results.map(({ locations }) => locations[0]);
  assert.equal(inFile?.physicalLocation.artifactLocation.uri, 'a%20dir/model.pkl');
  assert.equal(inFile?.physicalLocation.region?.byteOffset, 2);
  assert.equal(inMember?.physicalLocation.region, undefined);
  assert.equal(inMember?.logicalLocations?.[0]?.fullyQualifiedName, 'x.pkl');
});

test('a fingerprint is the same for the same finding and differs for another', () => {
  const prints = (): string[] =>
    (toSarif(report, '1.0.0') as unknown as Sarif).runs.flatMap((run) =>
      run.results.map((r) => r.partialFingerprints['proofmark/v1'] ?? ''),
    );

  assert.deepEqual(prints(), prints());
  assert.equal(new Set(prints()).size, prints().length);
});

test('the predicate has a canonical form without times', () => {
  const predicate = canonicalJson(scanPredicate(report, '1.0.0'));

  assert.match(predicate, /"ruleset":\{"digest":"[0-9a-f]{64}"/);
  assert.doesNotMatch(predicate, /"ms":/);
});
