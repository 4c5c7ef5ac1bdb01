import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { spdxId } from '../../src/bom/spdx.ts';

const SCHEMA = path.join(
  import.meta.dirname,
  '../../../../vectors/cyclonedx/spdx.SNAPSHOT.schema.json',
);

test('names of model cards become ids of the SPDX list, in its spelling', () => {
  const { enum: list } = JSON.parse(readFileSync(SCHEMA, 'utf8')) as { enum: string[] };
  const names = ['apache-2.0', 'MIT', 'cc-by-nc-sa-4.0', 'bsl-1.0', 'gpl-3.0', 'odbl', 'c-uda'];

  for (const name of names) assert.ok(list.includes(spdxId(name) ?? ''), name);
  assert.equal(spdxId('Apache-2.0'), 'Apache-2.0');
  assert.equal(spdxId('odc-by'), 'ODC-By-1.0');
});

test('a licence of a vendor has no id', () => {
  for (const name of ['llama3', 'other', 'openrail', '', 'constructor']) {
    assert.equal(spdxId(name), null, name);
  }
});
