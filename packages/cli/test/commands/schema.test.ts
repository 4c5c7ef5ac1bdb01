import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { configSchema } from '../../src/commands/schema.ts';

test('the published schema is that of the code; proofmark schema writes it', () => {
  const file = path.join(import.meta.dirname, '../../../../docs/proofmark.schema.json');

  assert.equal(readFileSync(file, 'utf8'), configSchema());
});
