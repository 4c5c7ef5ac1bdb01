import assert from 'node:assert/strict';
import { readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';

import { sha256 } from '@proofmark/core';

import { logNoteKey, signCheckpoint } from '../src/checkpoint.ts';
import type { TlogErrorCode } from '../src/errors.ts';
import { openLog } from '../src/log.ts';
import { memoryLock } from '../src/memory-lock.ts';
import { leafHash } from '../src/merkle/hash.ts';
import { EMPTY_EDGE, extend, rootOf } from '../src/merkle/tree.ts';
import { monitorLog } from '../src/monitor.ts';
import type { MonitorReport } from '../src/monitor.ts';
import { directoryReader } from '../src/reader.ts';
import { decodeBundle, encodeBundle, encodeTile } from '../src/tile.ts';
import { NOW_MS, ORIGIN, testEntries, testFolder, testSigner, utf8 } from './world.ts';

const signer = testSigner('log');
const trust = { origin: ORIGIN, logKey: signer.publicKey };

/** A published log of `count` entries, and checkpoints of it at earlier sizes. */
async function publishedLog(
  t: TestContext,
  ...counts: readonly number[]
): Promise<{ directory: string; checkpoints: Uint8Array[] }> {
  const directory = testFolder(t);
  const log = await openLog({
    directory,
    origin: ORIGIN,
    signer,
    lock: memoryLock(),
    clock: () => NOW_MS,
  });
  const checkpoints: Uint8Array[] = [log.checkpoint()];
  let size = 0;
  for (const count of counts) {
    checkpoints.push((await log.append(testEntries(count, size))).checkpoint);
    size += count;
  }
  await log.close();
  return { directory, checkpoints };
}

function monitor(directory: string, previous?: Uint8Array): Promise<MonitorReport> {
  const reader = directoryReader(directory);
  return monitorLog({ reader, trust, ...(previous === undefined ? {} : { previous }) });
}

function assertFails(report: MonitorReport, code: TlogErrorCode): void {
  assert.equal(report.outcome, 'fail');
  assert.equal(report.outcome === 'fail' && report.problem.code, code);
}

test('a sound log passes, and every entry of it was seen in order', async (t) => {
  for (const counts of [[], [1], [255], [256], [257], [300, 400, 68]]) {
    const { directory, checkpoints } = await publishedLog(t, ...counts);
    const size = counts.reduce((sum, count) => sum + count, 0);
    const seen: number[] = [];
    const progress: number[] = [];

    const report = await monitorLog({
      reader: directoryReader(directory),
      trust,
      onEntry: (_, index) => seen.push(index),
      onProgress: (checked) => progress.push(checked),
    });

    assert.equal(report.outcome, 'pass');
    assert.equal(report.outcome === 'pass' && report.size, size);
    assert.deepEqual(
      seen,
      Array.from({ length: size }, (_, at) => at),
    );
    assert.equal(progress.at(-1) ?? 0, size);
    for (const previous of checkpoints) {
      assert.equal((await monitor(directory, previous)).outcome, 'pass');
    }
  }
});

test('each file of a log is read once', async (t) => {
  const { directory } = await publishedLog(t, 600);
  const reader = directoryReader(directory);
  const reads: string[] = [];

  await monitorLog({
    reader: {
      read: (file, max) => {
        reads.push(file);
        return reader.read(file, max);
      },
    },
    trust,
  });

  assert.deepEqual(reads.toSorted(), [
    'checkpoint',
    'tile/0/000',
    'tile/0/001',
    'tile/0/002.p/88',
    'tile/1/000.p/2',
    'tile/entries/000',
    'tile/entries/001',
    'tile/entries/002.p/88',
  ]);
});

describe('a log whose files were changed', () => {
  for (const file of [
    'tile/entries/000',
    'tile/entries/001',
    'tile/entries/002.p/88',
    'tile/0/000',
    'tile/0/002.p/88',
    'tile/1/000.p/2',
  ]) {
    test(`fails when ${file} is changed, cut or gone`, async (t) => {
      const { directory } = await publishedLog(t, 600);
      const target = path.join(directory, file);
      const good = readFileSync(target);
      const bad = Buffer.from(good);
      bad[10] = (bad[10] ?? 0) ^ 1;

      writeFileSync(target, bad);
      assertFails(await monitor(directory), 'TLOG_TILE_CORRUPT');
      writeFileSync(target, good.subarray(0, -1));
      assertFails(await monitor(directory), 'TLOG_TILE_CORRUPT');
      unlinkSync(target);
      assertFails(await monitor(directory), 'TLOG_TILE_MISSING');
      writeFileSync(target, good);
      assert.equal((await monitor(directory)).outcome, 'pass');
    });
  }

  test('says how many entries it found right before the first problem', async (t) => {
    const { directory } = await publishedLog(t, 600);
    rmSync(path.join(directory, 'tile/entries/001'));

    const report = await monitor(directory);

    assert.equal(report.outcome !== 'pass' && report.checked, 256);
    assert.match(report.outcome === 'pass' ? '' : report.problem.message, /tile\/entries\/001/);
  });

  test('fails when an entry was removed, also from the leaves', async (t) => {
    const { directory } = await publishedLog(t, 10);
    const bundle = path.join(directory, 'tile/entries/000.p/10');
    const entries = decodeBundle(readFileSync(bundle), { level: 'entries', index: 0, width: 10 });
    const without = [...entries.slice(0, 4), ...entries.slice(5), utf8('filler')];

    writeFileSync(bundle, encodeBundle(without));
    assertFails(await monitor(directory), 'TLOG_TILE_CORRUPT');
    writeFileSync(path.join(directory, 'tile/0/000.p/10'), encodeTile(without.map(leafHash)));
    assertFails(await monitor(directory), 'TLOG_FORKED');
  });

  test('fails when history was rewritten and signed again', async (t) => {
    const { directory, checkpoints } = await publishedLog(t, 5, 5);
    const entries = testEntries(10).with(4, utf8('rewritten'));
    const leaves = entries.map(leafHash);
    const { edge } = extend(EMPTY_EDGE, leaves);
    writeFileSync(path.join(directory, 'tile/entries/000.p/10'), encodeBundle(entries));
    writeFileSync(path.join(directory, 'tile/0/000.p/10'), encodeTile(leaves));
    const signed = await signCheckpoint({ origin: ORIGIN, size: 10, root: rootOf(edge) }, signer);
    writeFileSync(path.join(directory, 'checkpoint'), signed);

    assert.equal((await monitor(directory)).outcome, 'pass', 'alone it cannot be seen');
    assertFails(await monitor(directory, checkpoints[1]), 'TLOG_FORKED');
    assertFails(await monitor(directory, checkpoints[2]), 'TLOG_FORKED');
  });

  test('fails when history was rewritten behind the first bundle', async (t) => {
    const { directory, checkpoints } = await publishedLog(t, 270, 10);
    const entries = testEntries(280).with(265, utf8('rewritten'));
    const leaves = entries.map(leafHash);
    writeFileSync(path.join(directory, 'tile/entries/001.p/24'), encodeBundle(entries.slice(256)));
    writeFileSync(path.join(directory, 'tile/0/001.p/24'), encodeTile(leaves.slice(256)));
    const root = rootOf(extend(EMPTY_EDGE, leaves).edge);
    const signed = await signCheckpoint({ origin: ORIGIN, size: 280, root }, signer);
    writeFileSync(path.join(directory, 'checkpoint'), signed);

    assert.equal((await monitor(directory)).outcome, 'pass', 'alone it cannot be seen');
    assertFails(await monitor(directory, checkpoints[1]), 'TLOG_FORKED');
    assertFails(await monitor(directory, checkpoints[2]), 'TLOG_FORKED');
  });

  test('fails when an upper tile does not follow from the one below', async (t) => {
    const { directory } = await publishedLog(t, 600);
    writeFileSync(path.join(directory, 'tile/1/000.p/2'), encodeTile([sha256('a'), sha256('b')]));

    assertFails(await monitor(directory), 'TLOG_TILE_CORRUPT');
  });
});

describe('a checkpoint that is not the log’s', () => {
  test('fails when it became smaller', async (t) => {
    const { directory, checkpoints } = await publishedLog(t, 5, 5);
    const [, five, ten] = checkpoints;
    writeFileSync(path.join(directory, 'checkpoint'), five ?? '');

    assertFails(await monitor(directory, ten), 'TLOG_FORKED');
  });

  test('fails when it is signed by another key, of another log, or gone', async (t) => {
    const { directory } = await publishedLog(t, 5);
    const root = sha256('root');
    const file = path.join(directory, 'checkpoint');

    writeFileSync(file, await signCheckpoint({ origin: ORIGIN, size: 5, root }, testSigner('x')));
    assertFails(await monitor(directory), 'TLOG_SIGNATURE_INVALID');
    writeFileSync(file, await signCheckpoint({ origin: 'example.com/x', size: 5, root }, signer));
    assertFails(await monitor(directory), 'TLOG_CHECKPOINT_INVALID');
    writeFileSync(file, 'nothing');
    assertFails(await monitor(directory), 'TLOG_NOTE_INVALID');
    unlinkSync(file);
    assertFails(await monitor(directory), 'TLOG_TILE_MISSING');
  });

  test('fails when the earlier checkpoint is one of another log or not signed', async (t) => {
    const { directory } = await publishedLog(t, 5);
    const foreign = await signCheckpoint(
      { origin: ORIGIN, size: 5, root: sha256('r') },
      testSigner('x'),
    );

    assertFails(await monitor(directory, foreign), 'TLOG_SIGNATURE_INVALID');
  });
});

test('a log that cannot be read is an error, neither pass nor fail', async (t) => {
  const { directory } = await publishedLog(t, 5);
  rmSync(path.join(directory, 'checkpoint'));
  const reader = directoryReader(directory);
  const report = await monitorLog({
    reader: { read: () => reader.read('.', 1e6) },
    trust,
  });

  assert.equal(report.outcome, 'error');
  assert.equal(report.outcome === 'error' && report.problem.code, 'TLOG_READ_FAILED');
});

test('what breaks in the caller is thrown, and never read as a fault of the log', async (t) => {
  const { directory } = await publishedLog(t, 1);
  const onEntry = (): void => {
    throw new RangeError('full');
  };

  await assert.rejects(
    monitorLog({ reader: directoryReader(directory), trust, onEntry }),
    RangeError,
  );
});

test('a checkpoint of another trusted log is no earlier one, even of the same entries', async (t) => {
  const { directory } = await publishedLog(t, 5);
  const other = testSigner('other');
  const root = rootOf(extend(EMPTY_EDGE, testEntries(5).map(leafHash)).edge);
  const previous = await signCheckpoint({ origin: 'example.com/other', size: 5, root }, other);
  const logs = [
    { key: logNoteKey(ORIGIN, signer.publicKey), url: null },
    { key: logNoteKey('example.com/other', other.publicKey), url: null },
  ];
  const policy = { logs, witnesses: [], quorum: { kind: 'none' } as const };

  const report = await monitorLog({ reader: directoryReader(directory), trust: policy, previous });

  assertFails(report, 'TLOG_FORKED');
});
