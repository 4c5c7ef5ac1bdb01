/**
 * The gate said no: which rules, and how to fix each.
 *
 * @module
 */
import type { MoveResult } from '@proofmark/registry';

import { CliError } from '../errors.ts';

/** Thrown by the main job; the denial is recorded and logged already. */
export function promotionDenied({ decision, record, logIndex }: MoveResult): CliError {
  const failing = decision.rules.filter((rule) => !rule.dryRun && rule.outcome !== 'pass');
  const reasons = failing.map(
    (rule) =>
      `${rule.rule} (${rule.code}): needed ${rule.needed}; found ${rule.found}; ${rule.fix}`,
  );
  return new CliError(
    'CLI_PROMOTION_DENIED',
    `cannot promote ${record.name}@${record.version} to ${record.environment}: ${reasons.join(' | ')}`,
    { details: { rules: failing.map((rule) => rule.rule).join(','), logIndex } },
  );
}
