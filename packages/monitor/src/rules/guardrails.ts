/**
 * Guardrails that suddenly object much more often, and guardrails that could not judge.
 *
 * A spike: the share of objections in the last minutes is, with 99 % confidence, at least three
 * times the share of the hours before, and at least 2 %.
 *
 * @module
 */
import { lowerBound } from '@proofmark/evals';

import type { ServedRequest } from '../observation.ts';
import { groupBy } from '../rule.ts';
import type { Rule, RuleFinding } from '../rule.ts';

const SHORT_MS = 600_000;
const LONG_MS = 21_600_000;
const FACTOR = 3;
const MIN_SHARE = 0.02;
const CONFIDENCE = 0.99;

export const guardrailSpike: Rule = {
  id: 'guardrail-spike',
  severity: 'warning',
  forMs: 0,
  runbook:
    'Look at who is refused: one tenant means an attack or a broken application, all tenants mean a changed input or a guardrail that misjudges.',
  evaluate(view) {
    const recent = verdicts(view.requests(SHORT_MS));
    const cut = view.nowMs - SHORT_MS;
    const before = groupBy(
      verdicts(view.requests(LONG_MS).filter(({ startedAtMs }) => startedAtMs <= cut)),
      keyOf,
    );
    return [...groupBy(recent, keyOf)].flatMap(([key, now]) => spike(now, before.get(key) ?? []));
  },
};

export const guardrailError: Rule = {
  id: 'guardrail-error',
  severity: 'error',
  forMs: 0,
  runbook:
    'The evaluator fails or is too slow. Where its policy is `onError: allow`, texts pass unexamined until it works: decide whether the route may go on.',
  evaluate(view) {
    const failed = verdicts(view.requests(SHORT_MS)).filter(({ outcome }) => outcome === 'error');
    return [...groupBy(failed, keyOf).values()].flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const passed = group.filter(({ action }) => action === 'allow').length;
      const summary = `guardrail ${first.guardrail} could not judge ${group.length} requests of route ${first.route}; ${passed} of them passed unexamined`;
      return [{ labels: labelsOf(first), state: 'bad', summary }];
    });
  },
};

interface Verdict {
  readonly route: string;
  readonly model: string;
  readonly version: string;
  readonly guardrail: string;
  readonly outcome: 'pass' | 'fail' | 'error';
  readonly action: string;
}

function verdicts(requests: readonly ServedRequest[]): Verdict[] {
  return requests.flatMap(({ route, guardrails }) =>
    route === null
      ? []
      : guardrails.map(({ id, outcome, action }) => ({
          route: route.id,
          model: route.model,
          version: route.version,
          guardrail: id,
          outcome,
          action,
        })),
  );
}

function spike(now: readonly Verdict[], before: readonly Verdict[]): RuleFinding[] {
  const [first] = now;
  if (first === undefined) return [];
  const objections = now.filter(({ outcome }) => outcome === 'fail').length;
  const earlier = before.filter(({ outcome }) => outcome === 'fail').length;
  const usual = before.length === 0 ? 0 : earlier / before.length;
  const atLeast = lowerBound(objections, now.length, CONFIDENCE);
  if (atLeast <= Math.max(MIN_SHARE, FACTOR * usual)) return [];
  const summary = `guardrail ${first.guardrail} objected to ${objections} of the last ${now.length} requests of route ${first.route}; before, to ${earlier} of ${before.length}`;
  return [{ labels: labelsOf(first), state: 'bad', summary }];
}

function labelsOf({ route, model, version, guardrail }: Verdict): RuleFinding['labels'] {
  return { route, model, version, guardrail };
}

/** Versions are not compared with each other: a new one may be meant to be stricter. */
function keyOf({ route, guardrail }: Verdict): string {
  return `${route} ${guardrail}`;
}
