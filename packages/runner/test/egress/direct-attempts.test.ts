import assert from 'node:assert/strict';
import process from 'node:process';
import { test } from 'node:test';

import { countUnroutable, findNetworkProcess } from '../../src/egress/direct-attempts.ts';

test('counts for a living process, and says null for one that is gone', () => {
  assert.ok((countUnroutable(process.pid) ?? -1) >= 0);
  assert.equal(countUnroutable(0x3fffffff), null);
});

test('finds no sandbox below a process that has none', () => {
  assert.equal(findNetworkProcess(0x3fffffff), null);
});
