/**
 * A model was revoked while it served: its route answers nothing until another version is live.
 *
 * @module
 */
import type { Rule } from '../rule.ts';

const WINDOW_MS = 86_400_000;

export const modelRevoked: Rule = {
  id: 'model-revoked',
  severity: 'critical',
  forMs: 0,
  runbook:
    'The route is down on purpose. `proofmark rollback` brings a version back that was promoted before; `proofmark receipt list --revoked` names every answer that the revoked one gave.',
  evaluate: (view) =>
    view.revocations(WINDOW_MS).map(({ route, model, version, reason }) => ({
      labels: { route, model, version },
      state: 'bad',
      summary: `${model}@${version} was revoked and serves no more: ${reason}`,
    })),
};
