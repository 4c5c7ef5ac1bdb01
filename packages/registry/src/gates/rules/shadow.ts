/**
 * Rule `shadow`: on live traffic the candidate is not worse than the live model by more than the
 * margin, for every evaluator, shown by evidence that may be looked at any time (e-value.ts).
 *
 * Every number is computed here from the raw differences. The margins and evaluators must be those
 * of the policy and must have been fixed before the first pair, because a margin chosen after seeing
 * the data proves nothing. No data is never a pass.
 *
 * @module
 */
import { canonicalJson, sha256Hex } from '@proofmark/core';

import type { EvaluatorReference } from '../../predicates/evaluator.ts';
import { sameEvaluator } from '../../predicates/evaluator.ts';
import type { ShadowEvaluator, ShadowPredicate } from '../../predicates/shadow.ts';
import { pairsOf } from '../../predicates/shadow.ts';
import { lowerBoundOfSuccess, upperBound } from '../clopper-pearson.ts';
import { harm, nonInferiority } from '../e-value.ts';
import type { Finding, GateCode, GateContext } from '../rule-result.ts';
import { pass } from '../rule-result.ts';
import type { ShadowRule } from '../rules.ts';
import { hours, judgeNewest } from '../selection.ts';

const HOUR_MS = 3_600_000;
const CONFIDENCE = 0.95;

interface Miss {
  readonly code: GateCode;
  readonly found: string;
  readonly fix: string;
}

interface Measured {
  readonly evaluator: EvaluatorReference;
  readonly margin: number;
  readonly run: ShadowEvaluator;
}

/**
 * Digest of what must be fixed before the first pair: evaluators, margins and the e-values that
 * decide. A shadow run names it; the rule compares.
 */
export function shadowSpecDigest(rule: ShadowRule): string {
  return sha256Hex(
    canonicalJson({
      evaluators: rule.evaluators.map(({ evaluator, margin }) => ({ ...evaluator, margin })),
      minEValue: rule.minEValue,
      maxHarmEValue: rule.maxHarmEValue,
      unit: 'session',
    }),
  );
}

export function judgeShadow(rule: ShadowRule, context: GateContext): Finding {
  const needed =
    `at least ${rule.minHours} h, pairs in ${rule.minHoursWithPairs} of the last ${rule.minHours} hours, ` +
    `and an e-value of ${rule.minEValue} that each of ${rule.evaluators.length} evaluators lost less than its margin`;
  return judgeNewest({ kind: 'shadow', rule, context, needed }, ({ digest, predicate }) => {
    const measured = measure(rule, predicate);
    const miss =
      replayMiss(predicate, context) ??
      specMiss(rule, predicate) ??
      // A candidate that does harm does not get better by running longer.
      harmMiss(rule, measured) ??
      durationMiss(rule, predicate) ??
      operationMiss(rule, predicate) ??
      scoreMiss(rule, measured);
    if (miss !== null) {
      return { outcome: 'fail', needed, evidenceDigests: [digest], ...miss };
    }
    return pass(needed, describe(predicate, measured), [digest]);
  });
}

/** The run must have compared with what the version would replace, not with an earlier model. */
function replayMiss(shadow: ShadowPredicate, { subject }: GateContext): Miss | null {
  const { replaces, manifestDigest } = subject;
  if (replaces === null || replaces === manifestDigest) return null;
  if (shadow.liveManifestDigest === replaces) return null;
  return {
    code: 'GATE_EVIDENCE_REPLAYED',
    found: `the run compared with ${shadow.liveManifestDigest.slice(0, 12)}, but ${replaces.slice(0, 12)} is what this version would replace`,
    fix: 'start a new shadow run beside the model that is live now',
  };
}

function specMiss(rule: ShadowRule, shadow: ShadowPredicate): Miss | null {
  if (shadow.specDigest !== shadowSpecDigest(rule)) {
    return {
      code: 'GATE_SHADOW_SPEC',
      found: 'the run was made for other margins, evaluators or thresholds',
      fix: 'start a new shadow run under this policy',
    };
  }
  if (shadow.specFixedAtMs > shadow.startedAtMs) {
    return {
      code: 'GATE_SHADOW_SPEC',
      found: 'the margins were fixed after the first pair',
      fix: 'start a new shadow run; fix the policy first',
    };
  }
  return null;
}

function durationMiss(rule: ShadowRule, shadow: ShadowPredicate): Miss | null {
  const elapsedMs = shadow.endedAtMs - shadow.startedAtMs;
  if (elapsedMs < rule.minHours * HOUR_MS) {
    return {
      code: 'GATE_SHADOW_TOO_SHORT',
      found: hours(elapsedMs),
      fix: `let the shadow run for ${hours(rule.minHours * HOUR_MS - elapsedMs)} more`,
    };
  }
  const recent = shadow.pairsPerHour.slice(-Math.ceil(rule.minHours));
  const withPairs = recent.filter((pairs) => pairs > 0).length;
  if (withPairs >= rule.minHoursWithPairs) return null;
  return {
    code: 'GATE_SHADOW_GAPS',
    found: `pairs in ${withPairs} of the last ${recent.length} hours`,
    fix: 'keep the shadow running through a whole cycle of traffic',
  };
}

function operationMiss(rule: ShadowRule, shadow: ShadowPredicate): Miss | null {
  const pairs = pairsOf(shadow);
  if (pairs === 0 || shadow.requests === 0) {
    return { code: 'GATE_SHADOW_GAPS', found: 'no pairs', fix: 'mirror traffic to the candidate' };
  }
  const judgeFailures = shadow.judgeFailures / pairs;
  if (!(judgeFailures < rule.maxJudgeFailureRate)) {
    return {
      code: 'GATE_SHADOW_JUDGE_FAILURES',
      found: `${shadow.judgeFailures} of ${pairs} pairs could not be judged`,
      fix: 'repair the evaluators and start a new shadow run',
    };
  }
  const errors = upperBound(shadow.candidateErrors, pairs, CONFIDENCE);
  if (errors > rule.maxCandidateErrorRate) {
    return {
      code: 'GATE_SHADOW_CANDIDATE_ERRORS',
      found: `${shadow.candidateErrors} of ${pairs} not answered (at most ${percent(errors)} at 95 % confidence)`,
      fix: 'repair the candidate, or let the shadow run longer',
    };
  }
  const untraced = shadow.requests - shadow.tracedRequests;
  const coverage = lowerBoundOfSuccess(untraced, shadow.requests, CONFIDENCE);
  if (coverage >= rule.minTraceCoverage) return null;
  return {
    code: 'GATE_SHADOW_COVERAGE',
    found: `${untraced} of ${shadow.requests} requests have no trace (coverage at least ${percent(coverage)} at 95 % confidence)`,
    fix: 'find which application sends no spans, or let the shadow run longer',
  };
}

function harmMiss(
  rule: ShadowRule,
  measured: readonly (Measured | EvaluatorReference)[],
): Miss | null {
  const harmLimit = rule.maxHarmEValue * rule.evaluators.length;
  for (const { evaluator, margin, run } of measured.filter((item) => 'run' in item)) {
    const { peak } = harm(run.differences, margin);
    if (peak >= harmLimit) {
      return {
        code: 'GATE_SHADOW_HARM',
        found: `${evaluator.id} is worse by more than ${margin} (harm e-value ${round(peak)}, limit ${harmLimit})`,
        fix: 'do not promote this version; look at the worst pairs',
      };
    }
  }
  return null;
}

function scoreMiss(
  rule: ShadowRule,
  measured: readonly (Measured | EvaluatorReference)[],
): Miss | null {
  const scored: Measured[] = [];
  for (const item of measured) {
    if (!('run' in item)) {
      return {
        code: 'GATE_SHADOW_EVALUATOR',
        found: `${item.id} ${item.version} did not score the pairs`,
        fix: 'start a new shadow run with the evaluators that the policy names',
      };
    }
    scored.push(item);
  }
  for (const { evaluator, margin, run } of scored) {
    const { value } = nonInferiority(run.differences, margin);
    if (!(value >= rule.minEValue)) {
      return {
        code: 'GATE_SHADOW_INCONCLUSIVE',
        found: `${evaluator.id}: e-value ${round(value)} after ${run.differences.length} sessions`,
        fix: 'let the shadow run longer: looking again costs nothing; or find out why the candidate scores lower',
      };
    }
  }
  return null;
}

/** Each evaluator of the policy with its run, or alone when it did not score. */
function measure(
  rule: ShadowRule,
  shadow: ShadowPredicate,
): readonly (Measured | EvaluatorReference)[] {
  return rule.evaluators.map(({ evaluator, margin }) => {
    const run = shadow.evaluators.find((item) => sameEvaluator(item.evaluator, evaluator));
    return run === undefined ? evaluator : { evaluator, margin, run };
  });
}

function describe(
  shadow: ShadowPredicate,
  measured: readonly (Measured | EvaluatorReference)[],
): string {
  const scores = measured
    .filter((item) => 'run' in item)
    .map(({ evaluator, margin, run }) => {
      const mean = run.differences.reduce((sum, d) => sum + d, 0) / run.differences.length;
      const { value } = nonInferiority(run.differences, margin);
      return `${evaluator.id} ${mean >= 0 ? '+' : ''}${mean.toFixed(4)} (e-value ${round(value)}, ${run.differences.length} sessions)`;
    });
  return `${hours(shadow.endedAtMs - shadow.startedAtMs)}, ${pairsOf(shadow)} pairs; ${scores.join('; ')}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

function round(value: number): string {
  return value >= 1e6 ? value.toExponential(2) : value.toFixed(2);
}
