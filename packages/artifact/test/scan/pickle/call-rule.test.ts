import assert from 'node:assert/strict';
import { test } from 'node:test';

import { groups } from '../../../src/scan/pickle/call-rule.ts';

test('a table is lines of a module and its names, where an indented line goes on', () => {
  assert.deepEqual(groups('empty', 'root.', '\na.b: One Two\n  Three\nc: Four\n'), [
    ['empty', 'root.a.b', 'One Two Three'],
    ['empty', 'root.c', 'Four'],
  ]);
});
