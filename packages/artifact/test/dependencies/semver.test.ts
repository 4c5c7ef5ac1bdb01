import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { compareSemver, parseSemver } from '../../src/dependencies/semver.ts';

function order(a: string, b: string): number {
  const [left, right] = [parseSemver(a), parseSemver(b)];
  assert.ok(left && right);
  return Math.sign(compareSemver(left, right));
}

test('precedence follows the chain of semver.org section 11', () => {
  const chain = [
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.0.1',
    '1.1.0',
    '2.0.0',
    '10.0.0',
  ];
  chain.forEach((a, i) => {
    chain.forEach((b, j) => {
      assert.equal(order(a, b), Math.sign(i - j), `${a} against ${b}`);
    });
  });
});

test('build metadata and a leading v take no part', () => {
  assert.equal(order('1.2.3+build.5', 'v1.2.3'), 0);
});

test('numbers beyond 2^53 are compared exactly', () => {
  assert.equal(order('1.0.0-9007199254740993', '1.0.0-9007199254740992'), 1);
});

test('what is no full version parses to null', () => {
  for (const text of [
    '',
    '1',
    '1.2',
    '1.2.3.4',
    '01.2.3',
    '^1.2.3',
    'latest',
    '1.2.3-',
    '1.2.3-a..b',
    'git+ssh://x',
  ]) {
    assert.equal(parseSemver(text), null, text);
  }
});

test('precedence is antisymmetric', () => {
  const part = fc.nat({ max: 12 });
  const version = fc
    .tuple(part, part, part, fc.option(fc.constantFrom('a', '1', 'a.1', '1.a', 'rc.10', 'rc.9')))
    .map(([x, y, z, pre]) => `${x}.${y}.${z}${pre === null ? '' : `-${pre}`}`);
  fc.assert(
    fc.property(version, version, (a, b) => {
      assert.equal(order(a, b), -order(b, a) + 0);
    }),
  );
});
