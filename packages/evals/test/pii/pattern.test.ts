import assert from 'node:assert/strict';
import { test } from 'node:test';

import { entry, hasDigits, labelled } from '../../src/pii/pattern.ts';

test('a labelled pattern reads the value behind the usual ways to say what it is', () => {
  const { pattern } = labelled('ACCOUNT', 'badge', String.raw`[A-Z]?\d{4,8}`);
  for (const text of [
    'badge A12345',
    'Badge number is 12345',
    'badge no. #12345',
    'BADGE: "12345"',
  ]) {
    assert.match(Array.from(text.matchAll(pattern), (match) => match[1]).join(), /^A?12345$/, text);
  }
});

test('an entry takes the whole match unless told otherwise', () => {
  assert.equal(entry('URL', /x/g, 0.5).group, 0);
  assert.equal(entry('URL', /x/g, 0.5, { group: 2 }).group, 2);
  assert.ok(hasDigits('a1b2c3') && !hasDigits('a1b2'));
});
