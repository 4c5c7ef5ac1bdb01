/**
 * Pairs of a shadow run on their way into shadow.db and back.
 *
 * What comes back is read as hostile: the file lies on a disk, and a score outside [0, 1] would be
 * evidence out of nothing.
 *
 * @module
 */
import { parseStrictJson } from '@proofmark/core';
import type { Json, JsonObject } from '@proofmark/core';
import type { PairScore, ShadowSink } from '@proofmark/gateway';
import type { ScoredPair } from '@proofmark/registry';
import type { ShadowPairRow, ShadowStore } from '@proofmark/server';

import { CliError } from '../errors.ts';
import { createBatchWriter } from './batch-writer.ts';

export interface ShadowWriter extends ShadowSink {
  close(): Promise<void>;
}

/** Writes pairs in batches; a pair that is lost is counted as a dropped copy of its run. */
export function createShadowWriter(
  store: ShadowStore,
  onLoss: (lost: number, why: string) => void,
): ShadowWriter {
  const drops = new Map<string, number>();
  const flushDrops = async (): Promise<void> => {
    const counted = [...drops];
    drops.clear();
    for (const [id, copies] of counted) await store.addDropped(id, copies);
  };
  const pairs = createBatchWriter<ShadowPairRow>({
    write: async (rows) => {
      await store.addPairs(rows);
      await flushDrops();
    },
    onLoss,
  });
  const dropped = (runId: string, copies: number): void => {
    drops.set(runId, (drops.get(runId) ?? 0) + copies);
  };
  return {
    pair: ({ runId, session, atMs, answered, problem, scores }) =>
      pairs.add({
        runId,
        session,
        atMs,
        answered,
        problem,
        scores: JSON.stringify(scores.map(toStored)),
      }),
    dropped,
    async close() {
      await pairs.close();
      await flushDrops();
    },
  };
}

function toStored({ evaluator, live, candidate }: PairScore): JsonObject {
  const { id, version, configDigest } = evaluator;
  return { id, version, configDigest, live, candidate };
}

/** Every pair of a run, by time. @throws {CliError} CLI_STEP_FAILED */
export async function readStoredPairs(
  store: ShadowStore,
  runId: string,
): Promise<readonly ScoredPair[]> {
  const pairs: ScoredPair[] = [];
  for await (const { session, atMs, answered, scores } of store.pairs(runId)) {
    const read = parseStrictJson(scores);
    if (!Array.isArray(read)) throw damaged(runId);
    pairs.push({
      session,
      atMs,
      answered,
      scores: (read as readonly Json[]).map((item) => readScore(item, runId)),
    });
  }
  return pairs.toSorted((a, b) => a.atMs - b.atMs);
}

function readScore(item: Json, runId: string): ScoredPair['scores'][number] {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) throw damaged(runId);
  const { id, version, configDigest, live, candidate } = item as JsonObject;
  if (typeof id !== 'string' || typeof version !== 'string' || typeof configDigest !== 'string') {
    throw damaged(runId);
  }
  const score = (value: Json | undefined): number | null => {
    if (value === null) return null;
    if (typeof value !== 'number' || !(value >= 0 && value <= 1)) throw damaged(runId);
    return value;
  };
  return {
    evaluator: { id, version, configDigest },
    live: score(live),
    candidate: score(candidate),
  };
}

function damaged(runId: string): CliError {
  return new CliError(
    'CLI_STEP_FAILED',
    `cannot read the pairs of ${runId}: shadow.db was changed from outside; start a new run`,
  );
}
