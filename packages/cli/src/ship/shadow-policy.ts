/**
 * The two policies of a shadow run, both made of the environment's own.
 *
 * A candidate must meet everything that the environment asks for before it sees a copy of a live
 * request, but for the two things that come later: the shadow evidence, which the run makes, and the
 * approvals, which look at it. Its alias `shadow` serves nobody, and a record of it admits to no
 * other alias.
 *
 * What decides the run is the environment's `shadow` rule; an environment that has none is shown
 * what the default rule would say, with a margin of 0.02.
 *
 * @module
 */
import type { EvaluatorIdentity } from '@proofmark/evals';
import type { GatePolicy, ShadowRule } from '@proofmark/registry';
import { readGatePolicy } from '@proofmark/registry';

import { compileCel } from '../config/cel.ts';
import { CliError } from '../errors.ts';

export const SHADOW_ALIAS = 'shadow';
const DEFAULT_MARGIN = 0.02;
const OF_APPROVAL = ['approval.second-approver', 'approval.author-excluded'];

/** What must hold before a version may be shadowed. */
export function candidatePolicy(policy: GatePolicy): GatePolicy {
  const { shadow: _, approval: __, ...document } = policy.document;
  const omitted = Object.entries(policy.omitted).filter(([key]) => !OF_APPROVAL.includes(key));
  return readGatePolicy(
    {
      ...document,
      name: `${policy.name}.shadow`.slice(0, 64),
      omitted: {
        ...Object.fromEntries(omitted),
        shadow: 'this record starts the shadow run',
        approval: 'a shadow answer reaches no client',
      },
    },
    compileCel,
  );
}

/** The rule that decides the run. @throws {CliError} CLI_CONFIG_INVALID */
export function shadowRuleOf(
  policy: GatePolicy,
  evaluators: readonly EvaluatorIdentity[],
  testerKeyId: string,
): ShadowRule {
  if (policy.rules.shadow !== null) return policy.rules.shadow;
  const tester = [...policy.keys].find(([, key]) => key.keyId === testerKeyId)?.[0];
  if (tester === undefined) {
    throw new CliError(
      'CLI_CONFIG_INVALID',
      `cannot shadow in ${policy.environment}: its policy names no key of the tester role; add keys/tester.pub under "keys"`,
    );
  }
  const { shadow: _, ...omitted } = policy.omitted;
  const { rules } = readGatePolicy(
    {
      ...policy.document,
      omitted,
      shadow: {
        keys: [tester],
        evaluators: evaluators.map((evaluator) => ({ ...evaluator, margin: DEFAULT_MARGIN })),
      },
    },
    compileCel,
  );
  if (rules.shadow !== null) return rules.shadow;
  throw new CliError('CLI_CONFIG_INVALID', 'cannot shadow: the default rule does not read');
}
