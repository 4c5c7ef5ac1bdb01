/**
 * Checks the whole world of a log after a fault: nothing acknowledged is lost, nothing forked.
 *
 * @module
 */
import assert from 'node:assert/strict';

import { logNoteKey, openCheckpoint } from '../src/checkpoint.ts';
import { decodeEntry } from '../src/entry.ts';
import type { Log } from '../src/log.ts';
import { monitorLog } from '../src/monitor.ts';
import { directoryReader } from '../src/reader.ts';
import { verifyTlogProof } from '../src/tlog-proof.ts';
import { ORIGIN, testEntries, testSigner } from './world.ts';

const logKey = testSigner('log').publicKey;

/** Which number (`testEntries(1, number)`) was acknowledged at which index. */
export type Acknowledged = ReadonlyMap<number, number>;

/**
 * @param mayAppear numbers of entries whose append said that it could not tell
 * @param seen checkpoints that were handed out before: each must be a prefix of the log
 */
export async function checkLog(
  log: Log,
  directory: string,
  acknowledged: Acknowledged,
  options: { readonly mayAppear?: readonly number[]; readonly seen?: readonly Uint8Array[] } = {},
): Promise<void> {
  await log.publish();
  const { size } = openCheckpoint(log.checkpoint(), [logNoteKey(ORIGIN, logKey)]);
  const reader = directoryReader(directory);
  const trust = { origin: ORIGIN, logKey };
  const found: string[] = [];
  const report = await monitorLog({
    reader,
    trust,
    onEntry: (entry) => found.push(decodeEntry(entry).digest),
  });
  assert.equal(report.outcome, 'pass', JSON.stringify(report));
  assert.equal(report.outcome === 'pass' ? report.size : -1, size);
  checkEntries(found, acknowledged, options.mayAppear ?? []);
  // The replay has seen every entry; proofs are taken at the edges and here and there.
  for (const [number, index] of acknowledged) {
    if (index % 85 !== 0 && index < size - 8) continue;
    const [entry] = testEntries(1, number);
    assert.ok(entry !== undefined);
    verifyTlogProof(await log.proof(index), entry, trust);
  }
  for (const previous of options.seen ?? []) {
    const again = await monitorLog({ reader, trust, previous });
    assert.equal(again.outcome, 'pass', JSON.stringify(again));
  }
}

/** Every acknowledged entry is in its place, and no other entry but those that may be. */
function checkEntries(
  found: readonly string[],
  acknowledged: Acknowledged,
  mayAppear: readonly number[],
): void {
  assert.equal(new Set(found).size, found.length, 'no entry twice');
  const known = new Map([...acknowledged.keys(), ...mayAppear].map((n) => [digestOf(n), n]));
  for (const [index, digest] of found.entries()) {
    const number = known.get(digest);
    assert.ok(number !== undefined, `entry ${index} was refused, and is in the log`);
  }
  for (const [number, index] of acknowledged) {
    assert.equal(found[index], digestOf(number), `entry ${number} is not at ${index}`);
  }
}

function digestOf(number: number): string {
  const [entry] = testEntries(1, number);
  assert.ok(entry !== undefined);
  return decodeEntry(entry).digest;
}
