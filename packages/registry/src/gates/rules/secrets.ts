/**
 * Rule `secrets`: every secret of the deployment was rotated recently enough.
 *
 * @module
 */
import type { Finding, GateContext } from '../rule-result.ts';
import { pass } from '../rule-result.ts';
import type { SecretsRule } from '../rules.ts';
import { hours, judgeNewest } from '../selection.ts';

const HOUR_MS = 3_600_000;

export function judgeSecrets(rule: SecretsRule, context: GateContext): Finding {
  const needed = `every secret rotated within ${rule.maxSecretAgeHours} h`;
  return judgeNewest({ kind: 'secrets', rule, context, needed }, ({ digest, predicate }) => {
    const oldest = predicate.secrets.toSorted((a, b) => a.rotatedAtMs - b.rotatedAtMs)[0];
    if (oldest === undefined) {
      return {
        outcome: 'fail',
        code: 'GATE_SECRETS_EMPTY',
        needed,
        found: 'no secret was looked at',
        evidenceDigests: [digest],
        fix: 'list the secrets that the deployment uses; or leave the rule out with the reason that it uses none',
      };
    }
    const age = context.nowMs - oldest.rotatedAtMs;
    if (age > rule.maxSecretAgeHours * HOUR_MS || age < 0) {
      return {
        outcome: 'fail',
        code: 'GATE_SECRETS_OLD',
        needed,
        found:
          age < 0
            ? `${oldest.name} was rotated in the future`
            : `${oldest.name} was rotated ${hours(age)} ago`,
        evidenceDigests: [digest],
        fix: `rotate ${oldest.name} and check again`,
      };
    }
    return pass(needed, `${predicate.secrets.length} secrets, the oldest ${hours(age)} old`, [
      digest,
    ]);
  });
}
