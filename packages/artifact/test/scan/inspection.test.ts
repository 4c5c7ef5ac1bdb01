import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bytesSource } from '../../src/scan/byte-source.ts';
import { Inspection, Job } from '../../src/scan/inspection.ts';
import { DEFAULT_LIMITS } from '../../src/scan/report.ts';

function job(limits: Partial<typeof DEFAULT_LIMITS> = {}): Job {
  const folder = {
    siblings: new Map(),
    tensorData: new Set<string>(),
    tensorNames: new Map(),
    allowImports: new Set<string>(),
  };
  return new Job('a', { ...DEFAULT_LIMITS, ...limits }, folder, () => undefined);
}

test('a verdict never depends on how many findings are kept', () => {
  const full = job({ maxFindings: 0 });
  full.report('P-7', 'broken', null, 0);
  assert.equal(full.verdict, 'incomplete');
  full.report('P-1', 'imports', null, 0);
  assert.equal(full.verdict, 'findings');
  assert.equal(full.findings.length, 0);
});

test('the same said twice about one member is one finding, and a message is one line', () => {
  const one = job();
  one.report('P-1', 'a\nb\u2028c', 'm', 1);
  one.report('P-1', 'a\nb\u2028c', 'm', 9);
  one.report('P-1', 'a\nb\u2028c', 'n', 1);

  assert.deepEqual(
    one.findings.map(({ message, member }) => [message, member]),
    [
      ['a b c', 'm'],
      ['a b c', 'n'],
    ],
  );
});

test('steps, bytes and depth are those of the file, not of each member', () => {
  const small = job({ maxSteps: 10, maxInflatedBytes: 100, maxMemberBytes: 80, maxDepth: 1 });
  const outer = new Inspection(small, bytesSource(new Uint8Array(0)), {
    member: null,
    name: 'a',
    depth: 0,
    within: null,
  });
  const inner = outer.member('b', bytesSource(new Uint8Array(0)));
  outer.spend(6);
  assert.throws(() => inner.spend(6), { code: 'SCAN_LIMIT' });
  assert.throws(() => inner.member('c', bytesSource(new Uint8Array(0))), { code: 'SCAN_LIMIT' });
  assert.equal(small.inflatableBytes, 80);
  small.inflated(90);
  assert.equal(small.inflatableBytes, 10);
});
