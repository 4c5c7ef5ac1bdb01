import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { readAdvisories } from '../../src/evidence/advisory-folder.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'proofmark-advisories-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const NOW = Date.parse('2026-09-21T00:00:00Z');

/** One record `A-ECOSYSTEM` about the package `a` each, as Python's zipfile writes it. */
const ARCHIVES = {
  PyPI: 'UEsDBBQAAAAIAAAANF1YoHwkbAAAAHsAAAALAAAAQS1QeVBJLmpzb26rVspMUbJSctQNqAzwVNJRys1PyUzLTAWJGRkYmekaWOoaGYQYGFiBURRQRWJaWmpyCUhFdLVSQWJydmJ6qpJVtVJqcn5xZXFJai5QK9SwvMRcoJRSolKtjlJZalFxZn5eMVCbkqFSbG1sLQBQSwECFAMUAAAACAAAADRdWKB8JGwAAAB7AAAACwAAAAAAAAAAAAAAgAEAAAAAQS1QeVBJLmpzb25QSwUGAAAAAAEAAQA5AAAAlQAAAAAA',
  npm: 'UEsDBBQAAAAIAAAANF02prDdaQAAAHkAAAAKAAAAQS1ucG0uanNvbiWMQQrDIBRE7zLrCL8uCnWXO3TVkMXHfIMENdQQKOLdow3Maua9KfALDEYV94ABIS3eeemVJv1U9FKa3kTmn08j2DmxRyemgp3txqvAFIhN+ZcPCU29vyKHtoBRB5zyzT7F3Cw8MNe5XlBLAQIUAxQAAAAIAAAANF02prDdaQAAAHkAAAAKAAAAAAAAAAAAAACAAQAAAABBLW5wbS5qc29uUEsFBgAAAAABAAEAOAAAAJEAAAAAAA==',
} as const;

test('a folder as OSV publishes it, one archive, and lines are all read', () => {
  for (const [name, archive] of Object.entries(ARCHIVES)) {
    mkdirSync(path.join(folder, 'osv', name), { recursive: true });
    writeFileSync(path.join(folder, 'osv', name, 'all.zip'), Buffer.from(archive, 'base64'));
  }
  const lines = path.join(folder, 'lines.jsonl');
  writeFileSync(
    lines,
    '{"updated":"2026-09-20T00:00:00Z"}\n{"id":"A","affected":[{"package":{"ecosystem":"npm","name":"a"},"versions":["1"]}]}\n',
  );

  const records = ['osv', 'osv/npm/all.zip', 'osv/npm', 'lines.jsonl'].map(
    (name) => readAdvisories(path.join(folder, name), [], NOW).records,
  );

  assert.deepEqual(records, [2, 1, 1, 1]);
});

test('a folder without archives, and one that is not there, is refused', () => {
  mkdirSync(path.join(folder, 'empty'));

  for (const name of ['empty', 'nothing']) {
    assert.throws(() => readAdvisories(path.join(folder, name), [], NOW), {
      code: 'CLI_INPUT_UNREADABLE',
    });
  }
});
