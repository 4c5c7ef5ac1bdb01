/**
 * A model process tried to reach the network. The sandbox refused; somebody must know.
 *
 * One attempt is enough. The alert names model, version and destination.
 *
 * @module
 */
import { groupBy } from '../rule.ts';
import type { Rule } from '../rule.ts';

const WINDOW_MS = 3_600_000;
/** A hostile model can name any number of hosts; past this they share one alert. */
const MAX_DESTINATIONS = 50;

export const egressAttempt: Rule = {
  id: 'egress-attempt',
  severity: 'critical',
  forMs: 0,
  runbook:
    'A model has no reason to open connections. Take the version out of service, keep its folder for analysis, and look for the destination in the scan report and the training data.',
  evaluate(view) {
    const denied = view.egress(WINDOW_MS).filter(({ outcome }) => outcome === 'denied');
    const known = new Set<string>();
    const destinationOf = (destination: string | null): string => {
      const name = destination ?? 'unknown (direct attempt)';
      if (!known.has(name) && known.size >= MAX_DESTINATIONS) return 'further destinations';
      known.add(name);
      return name;
    };
    const named = denied.map((attempt) => ({
      ...attempt,
      destination: destinationOf(attempt.destination),
    }));
    const groups = groupBy(
      named,
      ({ model, version, destination }) => `${model} ${version} ${destination}`,
    );
    return [...groups.values()].flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const { model, version, manifestDigest, destination, tenant } = first;
      const count = group.reduce((sum, attempt) => sum + attempt.count, 0);
      const summary = `${model}@${version} tried ${count} times to reach ${destination}; denied (${first.rule})`;
      return [
        {
          labels: { model, version, digest: manifestDigest, tenant, destination },
          state: 'bad' as const,
          summary,
        },
      ];
    });
  },
};
