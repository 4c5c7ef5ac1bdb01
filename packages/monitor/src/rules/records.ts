/**
 * Records that fail: receipts that are not issued, a log that does not take entries, spans that are
 * lost, and answers without a receipt.
 *
 * @module
 */
import { groupBy } from '../rule.ts';
import type { MonitorView, Rule, RuleFinding } from '../rule.ts';

const WINDOW_MS = 600_000;

export const recordFailure: Rule = {
  id: 'record-failure',
  severity: 'critical',
  forMs: 0,
  runbook:
    'Check the disk and the store of the component. Receipts wait in the gateway spool meanwhile; when it is full the gateway stops answering, on purpose.',
  evaluate: (view) => [...failing(view), ...unreceipted(view)],
};

function failing(view: MonitorView): RuleFinding[] {
  return [...groupBy(view.health(WINDOW_MS), ({ component }) => component)].flatMap(
    ([component, looks]) => {
      const latest = looks.at(-1);
      if (latest === undefined) return [];
      const lost = looks.reduce((sum, look) => sum + look.lost, 0);
      const failures = looks.reduce((sum, look) => sum + look.failures, 0);
      if (lost === 0 && latest.lastFailure === null) return [];
      const why = latest.lastFailure === null ? '' : `, last: ${latest.lastFailure}`;
      const summary = `${component}: ${failures} failures and ${lost} lost records in ten minutes${why}`;
      return [{ labels: { component }, state: 'bad' as const, summary }];
    },
  );
}

function unreceipted(view: MonitorView): RuleFinding[] {
  const bare = view
    .requests(WINDOW_MS)
    .filter(({ outcome, receipted }) => outcome === 'answered' && !receipted)
    .flatMap(({ route }) => (route === null ? [] : [route]));
  return [...groupBy(bare, ({ id, version }) => `${id} ${version}`).values()].flatMap((group) => {
    const [route] = group;
    if (route === undefined) return [];
    const { id, model, version } = route;
    const summary = `${group.length} answers of ${model}@${version} have no receipt`;
    return [
      {
        labels: { component: 'receipts', route: id, model, version },
        state: 'bad' as const,
        summary,
      },
    ];
  });
}
