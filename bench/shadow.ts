/**
 * What the shadow test proves, simulated: how often a candidate that is worse by exactly the margin
 * is approved at any of its looks, and how many pairs an equally good candidate needs.
 *
 *     npm run -s bench -- shadow [--json]
 *
 * Requests of one session are correlated: each session has an effect of its own, shared by its ten
 * requests. The same traffic is also judged as if every request were independent evidence, which is
 * the mistake that the session as unit avoids. Random numbers are seeded, so runs repeat.
 *
 * @module
 */
import process from 'node:process';

import { nonInferiorityPath } from '@proofmark/registry';

const RUNS = 2000;
const NAIVE_RUNS = 500;
const SESSIONS = 1000;
const PER_SESSION = 10;
const MARGIN = 0.02;
const ENOUGH = 20;
/** Standard deviations of a difference: between sessions and within one. */
const BETWEEN = 0.11;
const WITHIN = 0.17;

/** A 32-bit xorshift generator (Marsaglia 2003), uniform in (0, 1). */
function uniforms(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 0.5) / 2 ** 32;
  };
}

function normals(seed: number): () => number {
  const uniform = uniforms(seed);
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Differences of the requests of one session, around `mean`. */
function session(normal: () => number, mean: number): readonly number[] {
  const own = mean + BETWEEN * normal();
  return Array.from({ length: PER_SESSION }, () => {
    const difference = own + WITHIN * normal();
    return Math.min(1, Math.max(-1, difference));
  });
}

function* bySession(normal: () => number, mean: number): Generator<number> {
  for (let i = 0; i < SESSIONS; i += 1) {
    const differences = session(normal, mean);
    yield differences.reduce((sum, d) => sum + d, 0) / differences.length;
  }
}

function* byRequest(normal: () => number, mean: number): Generator<number> {
  for (let i = 0; i < SESSIONS; i += 1) yield* session(normal, mean);
}

/** How many steps until the wealth is enough, looking after each; null when it never is. */
function stepsToApproval(differences: Iterable<number>): number | null {
  let steps = 0;
  for (const { value } of nonInferiorityPath(differences, MARGIN)) {
    steps += 1;
    if (value >= ENOUGH) return steps;
  }
  return null;
}

const atMargin = normals(20_261_123);
let falseApprovals = 0;
for (let run = 0; run < RUNS; run += 1) {
  if (stepsToApproval(bySession(atMargin, -MARGIN)) !== null) falseApprovals += 1;
}
let naive = 0;
for (let run = 0; run < NAIVE_RUNS; run += 1) {
  if (stepsToApproval(byRequest(atMargin, -MARGIN)) !== null) naive += 1;
}
const equal = normals(48);
const needed = Array.from(
  { length: RUNS },
  () => stepsToApproval(bySession(equal, 0)) ?? Number.POSITIVE_INFINITY,
).toSorted((a, b) => a - b);
const median = needed[RUNS / 2] ?? Number.NaN;

const result = {
  runs: RUNS,
  sessions_per_run: SESSIONS,
  requests_per_session: PER_SESSION,
  margin: MARGIN,
  false_approval_rate: falseApprovals / RUNS,
  false_approval_rate_if_requests_were_counted: naive / NAIVE_RUNS,
  median_pairs: median * PER_SESSION,
  median_sessions: median,
  never_approved_share: needed.filter((n) => !Number.isFinite(n)).length / RUNS,
};
if (process.argv.includes('--json')) {
  process.stdout.write(`${JSON.stringify(result)}\n`);
} else {
  for (const [name, value] of Object.entries(result)) process.stdout.write(`${name}  ${value}\n`);
}
process.exitCode = result.false_approval_rate <= 0.05 ? 0 : 1;
