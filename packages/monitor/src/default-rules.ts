/**
 * The rules that every deployment starts with.
 *
 * @module
 */
import type { Rule } from './rule.ts';
import { traceCoverage } from './rules/coverage.ts';
import { egressAttempt } from './rules/egress.ts';
import { guardrailError, guardrailSpike } from './rules/guardrails.ts';
import { recordFailure } from './rules/records.ts';
import { scoreDrop } from './rules/score-drop.ts';
import type { ScoreBaseline } from './rules/score-drop.ts';
import { unpromotedServed } from './rules/unpromoted.ts';
import { versionMismatch } from './rules/version-mismatch.ts';

/** `baselines` are the mean scores that the served versions had at their gate. */
export function defaultRules(baselines: readonly ScoreBaseline[]): readonly Rule[] {
  return [
    unpromotedServed,
    versionMismatch,
    egressAttempt,
    recordFailure,
    guardrailError,
    guardrailSpike,
    traceCoverage(),
    scoreDrop({ baselines }),
  ];
}
