/**
 * Runs a red-team suite against a sandboxed model and says the result as evidence.
 *
 * Every finished attempt is appended to a results file before it counts, so that a run that was
 * killed goes on where it stopped. A record of another model, suite or evaluator is never reused:
 * the file is named by model and suite, and each record carries the digest of suite and evaluators.
 *
 * @module
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
} from 'node:fs';
import path from 'node:path';

import { sha256Hex } from '@proofmark/core';
import { readDataset, readSuite, runSuite } from '@proofmark/evals';
import type { Generate, SuiteProgress, SuiteResult } from '@proofmark/evals';
import type { RegressionPredicate } from '@proofmark/registry';

import { CliError } from '../errors.ts';
import { scoringEvaluators } from '../evaluators.ts';
import type { ScoringEvaluators, ScoringTier } from '../evaluators.ts';

export interface RegressionOptions {
  readonly suiteFile: string;
  /** Manifest digest of the model that is tested. */
  readonly manifestDigest: string;
  readonly resultsFolder: string;
  readonly generate: Generate;
  /** What scores: stands in the evidence as the evaluators' configuration digests. */
  readonly tier: ScoringTier;
  readonly concurrency: number;
  readonly clock: () => number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: SuiteProgress) => void;
}

export interface RegressionRun {
  readonly result: SuiteResult;
  readonly speed: RunSpeed;
  readonly predicate: RegressionPredicate;
  /** Where every attempt with its verdicts stands, one JSON object a line. */
  readonly resultsFile: string;
}

/** Of the attempts made now; what an earlier, interrupted run made is not in it. */
export interface RunSpeed {
  readonly attempts: number;
  /** Attempts a second: answering and scoring. 0 when every attempt was there already. */
  readonly rowsPerS: number;
  /** Mean time in which one answer was scored, waiting for its turn included. */
  readonly scoringMsPerRow: number;
}

/** @throws {EvalsError} EVALS_DATASET_INVALID, EVALS_ABORTED; {CliError} CLI_STEP_FAILED */
export async function runRegression(options: RegressionOptions): Promise<RegressionRun> {
  const startedAtMs = options.clock();
  const suite = readSuite(readDataset(readFileSync(options.suiteFile, 'utf8')));
  const evaluators = scoringEvaluators(options.tier);
  await checkReady(evaluators);
  const scored = options.tier === 'fast' ? '' : `-${options.tier}`;
  const name = `${options.manifestDigest.slice(0, 16)}-${suite.digest.slice(0, 16)}${scored}`;
  const draft = path.join(options.resultsFolder, `${name}.partial.jsonl`);
  const final = path.join(options.resultsFolder, `${name}.jsonl`);
  const file = openSync(draft, 'a', 0o600);
  try {
    const { content, action } = evaluators;
    const startMs = performance.now();
    const made = { attempts: 0, scoringMs: 0 };
    const result = await runSuite({
      suite,
      content,
      action,
      generate: options.generate,
      concurrency: options.concurrency,
      signal: options.signal,
      completed: readRecords(draft),
      onRecord: (record) => {
        appendFileSync(file, `${JSON.stringify(record)}\n`);
        made.attempts += 1;
        made.scoringMs += record.scoringMs;
      },
      onProgress: options.onProgress,
    });
    const seconds = (performance.now() - startMs) / 1000;
    if (!result.complete) {
      throw new CliError('CLI_STEP_FAILED', 'cannot attest the run: not every attempt was made');
    }
    fsyncSync(file);
    renameSync(draft, final);
    return {
      result,
      speed: {
        attempts: made.attempts,
        rowsPerS: made.attempts / seconds,
        scoringMsPerRow: made.attempts === 0 ? 0 : made.scoringMs / made.attempts,
      },
      resultsFile: final,
      predicate: predicateOf(options, result, {
        startedAtMs,
        resultsDigest: sha256Hex(readFileSync(final)),
      }),
    };
  } finally {
    closeSync(file);
  }
}

/** An evaluator that cannot run here would make an error of every attempt: better before the first. */
async function checkReady({ content, action }: ScoringEvaluators): Promise<void> {
  const probes = [
    await content.evaluate({ input: 'When do you open?', output: 'We open at nine.' }),
    await action.evaluate({ trajectory: [{ role: 'assistant', content: 'We open at nine.' }] }),
  ];
  const unable = probes.find(({ outcome }) => outcome === 'error');
  if (unable === undefined) return;
  throw new CliError(
    'CLI_STEP_FAILED',
    `cannot test the model: ${unable.evaluator.id} cannot score here: ${unable.reason}`,
  );
}

/** Whole lines only: a kill may have cut the last one, which is then attempted again. */
function readRecords(file: string): unknown[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole));
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

function predicateOf(
  options: RegressionOptions,
  result: SuiteResult,
  run: { readonly startedAtMs: number; readonly resultsDigest: string },
): RegressionPredicate {
  return {
    suite: { name: path.basename(options.suiteFile, '.jsonl'), digest: result.suiteDigest },
    evaluators: result.evaluators,
    families: result.perFamily.map((family) => ({
      family: family.family,
      attempts: family.attempts,
      injectionSuccesses: family.injectionSuccess,
      contentFailures: family.contentFails,
      severeActions: family.severeActions,
      errors: family.errors,
    })),
    resultsDigest: run.resultsDigest,
    startedAtMs: run.startedAtMs,
    finishedAtMs: options.clock(),
  };
}
