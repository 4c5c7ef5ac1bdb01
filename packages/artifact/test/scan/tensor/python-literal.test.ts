import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseLiteral } from '../../../src/scan/tensor/python-literal.ts';

test('dicts, tuples, lists, texts, numbers and words are read', () => {
  const value = parseLiteral("{'a': (1, -2L), 'b': [True, None], \"c\": (3,), 'd': (4)} \n");

  assert.ok(value.kind === 'dict');
  assert.deepEqual(
    [...value.entries.values()].map(({ kind }) => kind),
    ['tuple', 'list', 'tuple', 'int'],
  );
});

test('calls, names, operators, duplicate keys and deep nesting are refused', () => {
  for (const text of [
    "__import__('os')",
    'x',
    '1+1',
    "{'a': 1, 'a': 2}",
    '['.repeat(99),
    "'a",
    '{1: 2}',
    '1 2',
    "'\\x41'",
  ]) {
    assert.throws(() => parseLiteral(text), { code: 'SCAN_MALFORMED' }, text);
  }
});
