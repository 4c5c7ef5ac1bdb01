/**
 * Rule `dependencies`: no known vulnerability above the policy's severity, by a fresh database.
 *
 * @module
 */
import type { DependenciesPredicate, Vulnerability } from '../../predicates/dependencies.ts';
import type { Finding, GateCode, GateContext } from '../rule-result.ts';
import { pass } from '../rule-result.ts';
import type { DependenciesRule } from '../rules.ts';
import { hours, judgeNewest } from '../selection.ts';

const HOUR_MS = 3_600_000;
const MAX_NAMED = 5;

export function judgeDependencies(rule: DependenciesRule, context: GateContext): Finding {
  const needed = `no vulnerability above CVSS ${rule.maxCvss}, by a database at most ${rule.maxDatabaseAgeHours} h old`;
  return judgeNewest({ kind: 'dependencies', rule, context, needed }, ({ digest, predicate }) => {
    const refuse = (code: GateCode, found: string, fix: string): Finding => ({
      outcome: 'fail',
      code,
      needed,
      found,
      evidenceDigests: [digest],
      fix,
    });
    if (predicate.components === 0) {
      return refuse(
        'GATE_DEPENDENCY_EMPTY',
        'no component was looked at',
        'give the check the lock files of what ships with the model',
      );
    }
    const databaseAge = predicate.finishedAtMs - predicate.database.lastUpdateMs;
    if (databaseAge < 0) {
      // It would never grow old.
      return refuse(
        'GATE_EVIDENCE_FUTURE',
        `the database is dated ${hours(-databaseAge)} after the check`,
        'correct the clock of the machine, or the date that the report states, and check again',
      );
    }
    if (databaseAge > rule.maxDatabaseAgeHours * HOUR_MS) {
      return refuse(
        'GATE_DEPENDENCY_DATABASE_STALE',
        `the database was ${hours(databaseAge)} old`,
        'update the vulnerability database and check again',
      );
    }
    const blocking = predicate.vulnerabilities.filter((v) => blocks(v, rule, context.nowMs));
    if (blocking.length > 0) {
      return refuse(
        'GATE_DEPENDENCY_VULNERABLE',
        name(blocking),
        'update the components; or accept an id in the policy until a date, with a reason',
      );
    }
    return pass(needed, describe(predicate), [digest]);
  });
}

/** Malware blocks whatever its score and whatever the policy accepts. */
function blocks(found: Vulnerability, rule: DependenciesRule, nowMs: number): boolean {
  const ids = [found.id, ...(found.aliases ?? [])];
  if (ids.some((id) => id.startsWith('MAL-'))) return true;
  const isAccepted = ids.some((id) => {
    const accepted = rule.accepted.get(id);
    return accepted !== undefined && nowMs < accepted.untilMs;
  });
  return found.cvss > rule.maxCvss && !isAccepted;
}

function name(found: readonly Vulnerability[]): string {
  const named = found
    .toSorted((a, b) => b.cvss - a.cvss)
    .slice(0, MAX_NAMED)
    .map((v) => `${v.id} (${v.cvss}) in ${v.component}`);
  const more = found.length - named.length;
  return named.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function describe(found: DependenciesPredicate): string {
  const silenced = found.silenced?.length ?? 0;
  const vex = silenced === 0 ? '' : `; ${silenced} silenced by signed VEX`;
  return `${found.components} components, ${found.vulnerabilities.length} known vulnerabilities, none above the limit${vex}`;
}
