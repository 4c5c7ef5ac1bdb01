import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';

import { readLines } from '../src/line-reader.ts';
import type { Line } from '../src/line-reader.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'proofmark-lines-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function lines(content: string | Uint8Array, maxLineBytes?: number): Promise<Line[]> {
  const file = path.join(folder, 'rows.jsonl');
  writeFileSync(file, content);
  return await Array.fromAsync(readLines(file, maxLineBytes === undefined ? {} : { maxLineBytes }));
}

describe('readLines()', () => {
  test('numbers lines as an editor does, leaves blank ones out, needs no last newline', async () => {
    assert.deepEqual(await lines('a\n\r\n b\nc'), [
      { number: 1, text: 'a', bytesRead: 2 },
      { number: 3, text: ' b', bytesRead: 7 },
      { number: 4, text: 'c', bytesRead: 8 },
    ]);
    assert.deepEqual(await lines(''), []);
  });

  test('a line longer than the bound is named and skipped; the next one is read', async () => {
    const read = await lines(`${'x'.repeat(200_000)}\nok\n`, 100);

    assert.deepEqual(
      read.map((line) => ('text' in line ? line.text : line.problem)),
      ['longer than 100 bytes', 'ok'],
    );
  });

  test('a character cut by a read boundary survives; bytes that are no UTF-8 are named', async () => {
    const long = `${'a'.repeat(65_535)}é`;
    assert.deepEqual(await lines(`${long}\n`), [{ number: 1, text: long, bytesRead: 65_538 }]);
    const [bad, good] = await lines(Uint8Array.of(0xff, 0xfe, 0x0a, 0x6f, 0x6b));
    assert.equal(bad !== undefined && 'problem' in bad ? bad.problem : '', 'not UTF-8');
    assert.equal(good !== undefined && 'text' in good ? good.text : '', 'ok');
  });

  test('a missing file rejects', async () => {
    await assert.rejects(Array.fromAsync(readLines(path.join(folder, 'none'))), { code: 'ENOENT' });
  });
});
