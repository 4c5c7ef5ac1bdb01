import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { comparePep440, parsePep440 } from '../../src/dependencies/pep440.ts';

function order(a: string, b: string): number {
  const [left, right] = [parsePep440(a), parsePep440(b)];
  assert.ok(left !== null && right !== null, `${a} or ${b} is no version`);
  return Math.sign(comparePep440(left, right));
}

/** The order that PEP 440 gives, each before the next. */
const ASCENDING = [
  '0.9',
  '1.dev0',
  '1.0.dev456',
  '1.0a1.dev1',
  '1.0a1',
  '1.0a2.dev456',
  '1.0a12.dev456',
  '1.0a12',
  '1.0b1.dev456',
  '1.0b2',
  '1.0b2.post345.dev456',
  '1.0b2.post345',
  '1.0rc1.dev456',
  '1.0rc1',
  '1.0',
  '1.0+abc.5',
  '1.0+abc.7',
  '1.0+5',
  '1.0+5.1',
  '1.0.post456.dev34',
  '1.0.post456',
  '1.0.15',
  '1.1.dev1',
  '1.10',
  '2!0.1',
];

test('versions come in the order of the specification', () => {
  for (const [i, a] of ASCENDING.entries()) {
    for (const [j, b] of ASCENDING.entries()) {
      assert.equal(order(a, b), Math.sign(i - j), `${a} against ${b}`);
    }
  }
});

test('one version may be spelt in many ways', () => {
  const spellings = [
    ['1.0', '1.0.0'],
    ['1.0', 'v1.0'],
    ['1.0', ' 1.0 '],
    ['1.0a1', '1.0.alpha-1'],
    ['1.0b', '1.0-beta0'],
    ['1.0rc1', '1.0c1'],
    ['1.0rc1', '1.0-preview_1'],
    ['1.0.post1', '1.0-1'],
    ['1.0.post1', '1.0-r1'],
    ['1.0.post0', '1.0.rev'],
    ['1.0.dev0', '1.0dev'],
    ['1.0+ubuntu.1', '1.0+UBUNTU-1'],
    ['0!1.0', '1.0'],
  ] as const;
  for (const [a, b] of spellings) assert.equal(order(a, b), 0, `${a} is ${b}`);
});

test('what is no version is not ordered', () => {
  for (const text of [
    '',
    'latest',
    '1.0-',
    '1..0',
    '1.0+',
    '1.0 2',
    '>=1.0',
    '1.0a.b',
    '1'.repeat(40),
  ]) {
    assert.equal(parsePep440(text), null, text);
  }
});

test('the order is total: antisymmetric and transitive', () => {
  const version = fc
    .tuple(
      fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }),
      fc.constantFrom('', 'a1', 'b0', 'rc2'),
      fc.constantFrom('', '.post0', '.post3'),
      fc.constantFrom('', '.dev0', '.dev2'),
    )
    .map(([release, ...rest]) => release.join('.') + rest.join(''));
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      assert.equal(order(a, b) + order(b, a), 0);
      if (order(a, b) <= 0 && order(b, c) <= 0) assert.ok(order(a, c) <= 0);
    }),
  );
});
