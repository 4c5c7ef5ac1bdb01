/**
 * The transparency log at a million entries: how fast it appends, how long a proof takes.
 *
 * Real folder with fsync, lock in SQLite with `synchronous=FULL`. Three figures of appending: bulk
 * (calls of 10,000 entries), concurrent (256 callers, one entry each call, batches form by
 * themselves) and alone (one caller, one entry each call: the latency of one durable commit).
 * Proofs are of random entries, each verified afterwards outside the measured time.
 *
 * `npm run -s bench -- tlog [--json] [--entries N]`
 *
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';

import { generatePrivateKeyPem, readSigner, sha256Hex } from '@proofmark/core';
import { encodeEntry, openLog, verifyTlogProof } from '@proofmark/tlog';
import type { LockStep, Log, LogLock } from '@proofmark/tlog';

const CALL = 10_000;
const CONCURRENT_CALLERS = 256;
const CONCURRENT_APPENDS = 20_000;
const LONELY_APPENDS = 100;
const WARM_UP_PROOFS = 200;
const PROOFS = 3000;

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, entries: { type: 'string', default: '1000000' } },
});
const total = Number(values.entries);
if (!Number.isSafeInteger(total) || total < CALL) throw new Error(`--entries: at least ${CALL}`);

const folder = mkdtempSync(path.join(tmpdir(), 'bench-tlog-'));
try {
  const figures = await measure(folder);
  process.stdout.write(
    values.json === true
      ? `${JSON.stringify(figures)}\n`
      : `${Object.entries(figures)
          .map(([name, value]) => `${name.padEnd(28)} ${value}`)
          .join('\n')}\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(folder: string): Promise<Record<string, number | string>> {
  const origin = 'bench.example/log';
  const signer = readSigner(generatePrivateKeyPem('ed25519'));
  const lock = sqliteLock(path.join(folder, 'lock.sqlite'));
  const directory = path.join(folder, 'log');
  const log = await openLog({ directory, origin, signer, lock, clock: Date.now });

  const bulkSeconds = await bulk(log);
  const concurrentSeconds = await concurrent(log);
  const commits = await lonely(log);
  const proofs = await prove(log, { origin, logKey: signer.publicKey });
  const started = performance.now();
  const reopened = await openLog({ directory, origin, signer, lock, clock: Date.now });
  const openMs = performance.now() - started;
  await Promise.all([log.close(), reopened.close()]);

  return {
    entries: log.status().size,
    entries_per_s: Math.round(total / bulkSeconds),
    concurrent_appends_per_s: Math.round(CONCURRENT_APPENDS / concurrentSeconds),
    commit_ms_p50: round(quantile(commits, 0.5)),
    commit_ms_p95: round(quantile(commits, 0.95)),
    proof_ms_p50: round(quantile(proofs, 0.5)),
    proof_ms_p95: round(quantile(proofs, 0.95)),
    open_ms: round(openMs),
    rss_mib: Math.round(process.memoryUsage.rss() / 2 ** 20),
    cpu: cpus()[0]?.model ?? 'unknown',
    cpus: cpus().length,
    memory_gib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  };
}

async function bulk(log: Log): Promise<number> {
  let seconds = 0;
  for (let at = 0; at < total; at += CALL) {
    const batch = entries(at, Math.min(CALL, total - at));
    const started = performance.now();
    await log.append(batch);
    seconds += (performance.now() - started) / 1000;
  }
  return seconds;
}

async function concurrent(log: Log): Promise<number> {
  const all = entries(total, CONCURRENT_APPENDS);
  let next = 0;
  const caller = async (): Promise<void> => {
    for (let entry = all[next++]; entry !== undefined; entry = all[next++]) {
      await log.append([entry]);
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: CONCURRENT_CALLERS }, caller));
  return (performance.now() - started) / 1000;
}

async function lonely(log: Log): Promise<readonly number[]> {
  const times: number[] = [];
  for (const entry of entries(total + CONCURRENT_APPENDS, LONELY_APPENDS)) {
    const started = performance.now();
    await log.append([entry]);
    times.push(performance.now() - started);
    await log.published();
  }
  return times;
}

async function prove(
  log: Log,
  trust: Parameters<typeof verifyTlogProof>[2],
): Promise<readonly number[]> {
  const times: number[] = [];
  let random = 1;
  for (let count = 0; count < WARM_UP_PROOFS + PROOFS; count += 1) {
    random = (random * 48_271) % 2_147_483_647;
    const index = random % total;
    const started = performance.now();
    const proof = await log.proof(index);
    if (count >= WARM_UP_PROOFS) times.push(performance.now() - started);
    for (const entry of entries(index, 1)) verifyTlogProof(proof, entry, trust);
  }
  return times;
}

function entries(from: number, count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, at) =>
    encodeEntry({ kind: 'receipt', digest: sha256Hex(String(from + at)) }),
  );
}

function quantile(times: readonly number[], q: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function sqliteLock(file: string): LogLock {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec('CREATE TABLE log (id INTEGER PRIMARY KEY, checkpoint BLOB NOT NULL)');
  const select = database.prepare('SELECT checkpoint FROM log WHERE id = 1');
  const upsert = database.prepare('INSERT OR REPLACE INTO log (id, checkpoint) VALUES (1, ?)');
  let tail: Promise<unknown> = Promise.resolve();
  const run = async <T>(
    step: (committed: Uint8Array | null) => Promise<LockStep<T>>,
  ): Promise<T> => {
    database.exec('BEGIN IMMEDIATE');
    try {
      const stored = select.get()?.['checkpoint'];
      const { checkpoint, result } = await step(stored instanceof Uint8Array ? stored : null);
      if (checkpoint !== null) upsert.run(checkpoint);
      database.exec('COMMIT');
      return result;
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  };
  return {
    transact<T>(step: (committed: Uint8Array | null) => Promise<LockStep<T>>): Promise<T> {
      const turn = tail.then(() => run(step));
      tail = turn.catch(() => undefined);
      return turn;
    },
  };
}
