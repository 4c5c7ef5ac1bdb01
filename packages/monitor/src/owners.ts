/**
 * Who is called: the owner of the route, else of the model, else the default. There is always one.
 *
 * @module
 */
import { MonitorError } from './errors.ts';
import type { Labels } from './rule.ts';

export interface Owners {
  /** By route id. */
  readonly routes: Readonly<Record<string, string>>;
  /** By model name. */
  readonly models: Readonly<Record<string, string>>;
  /** Called for everything else. */
  readonly fallback: string;
}

/** Says who owns what the labels name. */
export type OwnerOf = (labels: Labels) => string;

/**
 * Without a default owner there could be an alert that nobody gets, so there is no monitor.
 *
 * @throws {MonitorError} MONITOR_OWNER_MISSING
 */
export function ownerOf(owners: Owners): OwnerOf {
  const empty = Object.entries({
    ...owners.routes,
    ...owners.models,
    default: owners.fallback,
  }).find(([, owner]) => owner.trim() === '');
  if (empty !== undefined) {
    throw new MonitorError(
      'MONITOR_OWNER_MISSING',
      `cannot watch: "${empty[0]}" has no owner, and an alert that nobody gets is none; name a team or a person`,
    );
  }
  return ({ route = '', model = '' }) =>
    lookUp(owners.routes, route) ?? lookUp(owners.models, model) ?? owners.fallback;
}

/** Labels are partly attacker-controlled, so inherited names such as `constructor` find nothing. */
function lookUp(table: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
