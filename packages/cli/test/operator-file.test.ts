import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { readDocument } from '../src/operator-file.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'proofmark-operator-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('readDocument() reads YAML and JSON, and refuses what is missing, too large or a bomb', () => {
  const file = path.join(folder, 'policy.yaml');
  writeFileSync(file, 'rules:\n  - id: a\n');
  assert.deepEqual(readDocument(file), { rules: [{ id: 'a' }] });
  writeFileSync(file, '{"rules":[]}');
  assert.deepEqual(readDocument(file), { rules: [] });
  for (const text of ['a: [', 'x'.repeat(1_100_000), `a: &a [1]\nb: [${'*a,'.repeat(50)}]`]) {
    writeFileSync(file, text);
    assert.throws(() => readDocument(file), { code: 'CLI_INPUT_UNREADABLE' });
  }
  assert.throws(() => readDocument(path.join(folder, 'none')), { code: 'CLI_INPUT_UNREADABLE' });
});
