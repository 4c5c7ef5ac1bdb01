import assert from 'node:assert/strict';
import { test } from 'node:test';

import { groupBy } from '../src/rule.ts';

test('groupBy() keeps the order of groups and of the items in them', () => {
  const groups = groupBy(['b1', 'a1', 'b2', '__proto__'], (item) => item.slice(0, 1));

  assert.deepEqual(
    [...groups],
    [
      ['b', ['b1', 'b2']],
      ['a', ['a1']],
      ['_', ['__proto__']],
    ],
  );
});
