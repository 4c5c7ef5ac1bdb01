/**
 * Joins entries that are about one vulnerability of one component.
 *
 * Databases name the same thing CVE-…, GHSA-… and PYSEC-…; a scanner reports it once under each.
 * Two entries of a component are one if they share an id, directly or over others (union-find).
 * Joining never hides: the group has the worst score of its members, and unknown only if none is
 * known.
 *
 * @module
 */
import { worst } from './cvss.ts';
import type { ReportedVulnerability } from './reported.ts';

export interface VulnerabilityGroup {
  /** The id that most people know: a malware id, then CVE, then GHSA, then the rest. */
  readonly id: string;
  /** All other ids, sorted. */
  readonly aliases: readonly string[];
  readonly component: string;
  /** CVSS base score, or null when no member has one. */
  readonly cvss: number | null;
  readonly fixed: readonly string[];
  readonly summary: string;
}

/** Groups in order of component and id; the order of the input does not matter. */
export function groupAliases(found: readonly ReportedVulnerability[]): VulnerabilityGroup[] {
  const byComponent = Map.groupBy(found, (entry) => entry.component);
  return [...byComponent]
    .toSorted(([a], [b]) => order(a, b))
    .flatMap(([component, entries]) => groupsOf(component, entries));
}

function groupsOf(
  component: string,
  entries: readonly ReportedVulnerability[],
): VulnerabilityGroup[] {
  const parents = new Map<string, string>();
  const rootOf = (id: string): string => {
    let root = id;
    for (let up = parents.get(root); up !== undefined && up !== root; up = parents.get(root)) {
      root = up;
    }
    // Shortened, so that long chains stay cheap.
    for (let at = id; at !== root;) {
      const up = parents.get(at) ?? root;
      parents.set(at, root);
      at = up;
    }
    return root;
  };
  for (const { ids } of entries) {
    const [first = ''] = ids;
    for (const id of ids) parents.set(rootOf(id), rootOf(first));
  }
  const members = Map.groupBy(entries, ({ ids }) => rootOf(ids[0] ?? ''));
  return [...members.values()]
    .map((group) => join(component, group))
    .toSorted((a, b) => order(a.id, b.id));
}

function join(component: string, entries: readonly ReportedVulnerability[]): VulnerabilityGroup {
  const ids = [...new Set(entries.flatMap((entry) => entry.ids))].toSorted(
    (a, b) => rank(a) - rank(b) || order(a, b),
  );
  const [id = '', ...aliases] = ids;
  return {
    id,
    aliases: aliases.toSorted(order),
    component,
    cvss: worst(entries.map((entry) => entry.cvss)),
    fixed: [...new Set(entries.flatMap((entry) => entry.fixed))].toSorted(order),
    summary:
      entries
        .map((entry) => entry.summary)
        .toSorted(order)
        .at(-1) ?? '',
  };
}

const RANKS: readonly RegExp[] = [/^MAL-/, /^CVE-/, /^GHSA-/];

function rank(id: string): number {
  const at = RANKS.findIndex((pattern) => pattern.test(id));
  return at < 0 ? RANKS.length : at;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
