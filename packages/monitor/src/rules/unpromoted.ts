/**
 * Something is served that was not promoted: by digest, never by name.
 *
 * One request is enough, and there is no threshold. When nobody can say what is promoted the state
 * is `no_data`, which is routed like an alert: not knowing is no reason for silence.
 *
 * @module
 */
import { groupBy } from '../rule.ts';
import type { MonitorView, Rule, RuleFinding } from '../rule.ts';

const WINDOW_MS = 300_000;

export const unpromotedServed: Rule = {
  id: 'unpromoted-served',
  severity: 'critical',
  forMs: 0,
  runbook:
    'Stop the route, or roll it back to a promoted version. Then find out who put this digest there: the registry has no promotion record for it.',
  evaluate(view) {
    const served = view.requests(WINDOW_MS).flatMap(({ route }) => (route === null ? [] : [route]));
    const groups = groupBy(served, ({ id, manifestDigest }) => `${id} ${manifestDigest}`);
    return [...groups.values()].flatMap(([first, ...more]) =>
      first === undefined ? [] : judge(view, first, more.length + 1),
    );
  },
};

interface Served {
  readonly id: string;
  readonly model: string;
  readonly version: string;
  readonly manifestDigest: string;
}

function judge(view: MonitorView, served: Served, requests: number): RuleFinding[] {
  const labels = {
    route: served.id,
    model: served.model,
    version: served.version,
    digest: served.manifestDigest,
  };
  if (view.promoted === null) {
    return [{ labels, state: 'no_data', summary: 'nobody can say what is promoted on this route' }];
  }
  if (view.promoted.get(served.id)?.has(served.manifestDigest) === true) return [];
  const what = `${served.model}@${served.version} (${served.manifestDigest.slice(0, 12)})`;
  return [
    {
      labels,
      state: 'bad',
      summary: `route ${served.id} answered ${requests} requests with ${what}, which was not promoted there`,
    },
  ];
}
