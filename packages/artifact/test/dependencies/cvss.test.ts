import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { scoreOfNumber, scoreOfVector, scoreOfWord, worst } from '../../src/dependencies/cvss.ts';

test('vectors score as the calculator of the specification does', () => {
  const known: readonly (readonly [vector: string, score: number])[] = [
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', 9.8],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H', 10],
    ['CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H', 7.2],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L', 5.3],
    ['CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N', 6.1],
    ['CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N', 6.4],
    ['CVSS:3.1/AV:L/AC:H/PR:L/UI:N/S:U/C:H/I:H/A:H', 7],
    ['CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N', 1.6],
    ['CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:C/C:N/I:N/A:H', 7.4],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N', 0],
    ['CVSS:3.1/AV:N/AC:H/PR:L/UI:R/S:C/C:L/I:L/A:H', 7.1],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P/RL:O', 9.8],
  ];
  for (const [vector, score] of known) assert.equal(scoreOfVector(vector), score, vector);
});

test('what is no vector of CVSS 3 has no score', () => {
  for (const text of [
    '',
    'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N',
    'AV:N/AC:L/Au:N/C:N/I:N/A:P',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H',
    'CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:X/C:H/I:H/A:H',
    'CVSS:3.1/AV:N/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'CVSS:3.1/AV:constructor/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    `CVSS:3.1/${'A'.repeat(1000)}`,
  ]) {
    assert.equal(scoreOfVector(text), null, text);
  }
});

test('every vector scores from 0 to 10, in tenths', () => {
  const one = (...values: string[]): fc.Arbitrary<string> => fc.constantFrom(...values);
  const vector = fc
    .tuple(
      one('N', 'A', 'L', 'P'),
      one('L', 'H'),
      one('N', 'L', 'H'),
      one('N', 'R'),
      one('U', 'C'),
      one('H', 'L', 'N'),
      one('H', 'L', 'N'),
      one('H', 'L', 'N'),
    )
    .map(
      ([av, ac, pr, ui, s, c, i, a]) =>
        `CVSS:3.1/AV:${av}/AC:${ac}/PR:${pr}/UI:${ui}/S:${s}/C:${c}/I:${i}/A:${a}`,
    );
  fc.assert(
    fc.property(vector, (text) => {
      const score = scoreOfVector(text) ?? -1;
      assert.ok(score >= 0 && score <= 10 && Math.abs(score * 10 - Math.round(score * 10)) < 1e-9);
    }),
  );
});

test('a word stands for the worst of its band', () => {
  assert.deepEqual(
    ['low', 'Moderate', 'MEDIUM', 'high', 'Critical', 'negligible', 'none'].map(scoreOfWord),
    [3.9, 6.9, 6.9, 8.9, 10, 3.9, 0],
  );
  assert.deepEqual(['', 'unknown', 'constructor', '7.5'].map(scoreOfWord), [
    null,
    null,
    null,
    null,
  ]);
});

test('a number outside the scale is none', () => {
  assert.deepEqual([0, 10, '7.5', '10'].map(scoreOfNumber), [0, 10, 7.5, 10]);
  assert.deepEqual(
    [-1, 10.1, Number.NaN, '11', '1e1', '', '-1', ' 7'].map(scoreOfNumber),
    Array(8).fill(null),
  );
});

test('the worst that is known, or nothing', () => {
  assert.equal(worst([null, 3, null, 7]), 7);
  assert.equal(worst([0, null]), 0);
  assert.equal(worst([null]), null);
  assert.equal(worst([]), null);
});
