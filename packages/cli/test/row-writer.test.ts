import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';

import { createRowWriter } from '../src/row-writer.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'proofmark-rows-'));
after(() => rmSync(folder, { recursive: true, force: true }));

describe('createRowWriter()', () => {
  test('the file appears whole when finished, in place of an earlier one', () => {
    const file = path.join(folder, 'out.jsonl');
    writeFileSync(file, 'earlier\n');
    const writer = createRowWriter(file);
    for (let i = 0; i < 5000; i += 1) writer.write({ id: `row-${i}`, note: 'x'.repeat(20) });

    assert.equal(readFileSync(file, 'utf8'), 'earlier\n');
    writer.finish();
    writer.discard();

    assert.equal(readFileSync(file, 'utf8').split('\n').length, 5001);
    assert.deepEqual(readdirSync(folder), ['out.jsonl']);
  });

  test('discarding leaves nothing behind', () => {
    const writer = createRowWriter(path.join(folder, 'gone.jsonl'));
    writer.write({ id: 'a' });
    writer.discard();
    writer.discard();

    assert.deepEqual(readdirSync(folder), ['out.jsonl']);
  });

  test('a folder that is not there is refused with a code', () => {
    assert.throws(() => createRowWriter(path.join(folder, 'no', 'out')), {
      code: 'CLI_INPUT_UNREADABLE',
    });
  });
});
