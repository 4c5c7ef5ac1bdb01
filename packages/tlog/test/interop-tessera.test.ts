/**
 * A log that was written by another implementation: transparency-dev/tessera's published test log.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { openCheckpoint } from '../src/checkpoint.ts';
import { leafHash } from '../src/merkle/hash.ts';
import { verifyConsistency, verifyInclusion } from '../src/merkle/proof.ts';
import { monitorLog } from '../src/monitor.ts';
import { parseVkey } from '../src/note-key.ts';
import { singleLogPolicy } from '../src/policy.ts';
import { proveConsistency, proveInclusion } from '../src/prover.ts';
import { directoryReader, readBundle, readTile } from '../src/reader.ts';
import { present, sharedVectors, testFolder } from './world.ts';

const FOLDER = path.join(sharedVectors('tlog-tessera'), 'log');
const KEY = parseVkey(
  'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx',
);
const SIZE = 15;
const skip = existsSync(FOLDER)
  ? false
  : `${path.basename(FOLDER)} of tessera is not beside the checkout`;
const reader = directoryReader(FOLDER);
const checkpointOf = (size: number): Uint8Array =>
  readFileSync(path.join(FOLDER, `checkpoint.${size}`));

test('the whole log checks, and extends each of its 16 checkpoints', { skip }, async () => {
  for (let size = 0; size <= SIZE; size += 1) {
    const report = await monitorLog({
      reader,
      trust: singleLogPolicy(KEY),
      previous: checkpointOf(size),
    });

    assert.equal(report.outcome, 'pass', JSON.stringify(report));
    assert.equal(openCheckpoint(checkpointOf(size), [KEY]).size, size);
  }
});

test('every entry is proven in every tree of the log from its tiles', { skip }, async () => {
  for (let size = 1; size <= SIZE; size += 1) {
    const { root } = openCheckpoint(checkpointOf(size), [KEY]);
    const entries = await readBundle(reader, { level: 'entries', index: 0, width: size });
    for (let index = 0; index < size; index += 1) {
      const proof = await proveInclusion((id) => readTile(reader, id), index, size);

      verifyInclusion({ index, size, leafHash: leafHash(present(entries[index])), proof, root });
    }
  }
});

test('every two checkpoints of the log are consistent', { skip }, async () => {
  for (let size = 0; size <= SIZE; size += 1) {
    const { root } = openCheckpoint(checkpointOf(size), [KEY]);
    for (let oldSize = 0; oldSize <= size; oldSize += 1) {
      const { root: oldRoot } = openCheckpoint(checkpointOf(oldSize), [KEY]);
      const proof = await proveConsistency((id) => readTile(reader, id), oldSize, size);

      verifyConsistency({ oldSize, oldRoot, size, root, proof });
    }
  }
});

test('a copy of the log with one changed byte does not check', { skip }, async (t) => {
  for (const file of ['tile/entries/000.p/15', 'tile/0/000.p/15', 'checkpoint']) {
    const copy = path.join(testFolder(t), 'log');
    cpSync(FOLDER, copy, { recursive: true });
    const bytes = readFileSync(path.join(copy, file));
    const at = file === 'checkpoint' ? 'example.com/log/testdata\n'.length : 5;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    rmSync(path.join(copy, file));
    writeFileSync(path.join(copy, file), bytes);

    const report = await monitorLog({ reader: directoryReader(copy), trust: singleLogPolicy(KEY) });

    assert.equal(report.outcome, 'fail', file);
  }
});
