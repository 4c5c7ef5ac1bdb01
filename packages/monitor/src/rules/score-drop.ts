/**
 * An evaluator scores the answers of a version lower than it did at the gate.
 *
 * Test by betting, valid at any time within one window, so looking after every answer does not
 * inflate false alarms (a sliding window begins a new bet whenever old scores leave it): the null hypothesis is that the mean score is at least m = baseline - tolerance. The wealth
 * K = prod(1 + lambda_i (m - x_i)) is a non-negative supermartingale under it, with lambda_i chosen
 * from earlier scores only; by Ville's inequality P(ever K >= 1/alpha) <= alpha. Scores lie in [0, 1].
 *
 * Scores of another evaluator configuration than the baseline's are not comparable and are not used.
 *
 * @module
 */
import type { ScoredAnswer } from '../observation.ts';
import { groupBy } from '../rule.ts';
import type { Labels, MonitorView, Rule, RuleFinding } from '../rule.ts';

/** The mean score of a version at its gate. */
export interface ScoreBaseline {
  readonly manifestDigest: string;
  readonly evaluatorId: string;
  readonly evaluatorDigest: string;
  /** In [0, 1]. */
  readonly meanScore: number;
}

export interface ScoreDropOptions {
  readonly baselines: readonly ScoreBaseline[];
  /** How much lower the mean may be, default 0.05. */
  readonly tolerance?: number;
  /** Chance of a false alarm per window, version and evaluator, default 0.001. */
  readonly alpha?: number;
  /** Default 24 hours. */
  readonly windowMs?: number;
}

export function scoreDrop(options: ScoreDropOptions): Rule {
  const { baselines, tolerance = 0.05, alpha = 0.001, windowMs = 86_400_000 } = options;
  const settings = { baselines, tolerance, alpha, windowMs };
  return {
    id: 'score-drop',
    severity: 'error',
    forMs: 0,
    runbook:
      'Compare recent answers of this version with those of its regression run. If the inputs changed, extend the suite; if the answers did, roll the route back.',
    evaluate: (view) => judgeAll(view, settings),
  };
}

function judgeAll(view: MonitorView, options: Required<ScoreDropOptions>): RuleFinding[] {
  const groups = groupBy(
    view.scores(options.windowMs),
    ({ routeId, model, result }) =>
      `${routeId} ${model.manifestDigest} ${result.evaluator.id} ${result.evaluator.configDigest}`,
  );
  return [...groups.values()].flatMap((group) => judge(group, options));
}

function judge(group: readonly ScoredAnswer[], options: Required<ScoreDropOptions>): RuleFinding[] {
  const [first] = group;
  if (first === undefined) return [];
  const { model, routeId, result } = first;
  const { id, configDigest } = result.evaluator;
  const labels = { route: routeId, model: model.name, version: model.version, evaluator: id };
  const baseline = options.baselines.find(
    (b) => b.manifestDigest === model.manifestDigest && b.evaluatorId === id,
  );
  if (baseline === undefined) return [];
  if (baseline.evaluatorDigest !== configDigest) return [incomparable(labels)];
  // A score that could not be computed says nothing about the answer; its own rule counts it.
  const scores = group.filter((s) => s.result.outcome !== 'error').map((s) => s.result.score);
  const floor = baseline.meanScore - options.tolerance;
  const wealth = maxWealth(scores, floor);
  if (wealth < 1 / options.alpha) return [];
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const summary = `${id} scores ${model.name}@${model.version} at ${mean.toFixed(3)} over ${scores.length} answers; it had ${baseline.meanScore.toFixed(3)} at the gate (tolerance ${options.tolerance})`;
  return [{ labels, state: 'bad', summary }];
}

function incomparable(labels: Labels): RuleFinding {
  return {
    labels,
    state: 'no_data',
    summary: `${labels['evaluator'] ?? ''} runs with another configuration than at the gate: the scores are not comparable, and the gate's evidence is stale`,
  };
}

/** The highest wealth that betting against "the mean is at least `floor`" ever had. */
export function maxWealth(scores: readonly number[], floor: number): number {
  if (floor <= 0) return 1;
  // A score is at most 1, so the factor 1 + lambda (floor - x) stays positive below this.
  const limit = 0.5 / Math.max(1 - floor, floor);
  let [wealth, best, count, sum, squares] = [1, 1, 0, 0, 0];
  for (const score of scores) {
    const mean = (sum + floor) / (count + 1);
    const variance = Math.max(0.01, (squares + 0.25) / (count + 1) - mean * mean);
    const lambda = Math.min(limit, Math.max(0, (floor - mean) / variance));
    wealth *= 1 + lambda * (floor - score);
    best = Math.max(best, wealth);
    count += 1;
    sum += score;
    squares += score * score;
  }
  return best;
}
