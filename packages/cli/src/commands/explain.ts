/**
 * `proofmark explain`: every rule of a gate, what it needed, what it found, how to fix it.
 *
 * @module
 */
import { explainDecision } from '@proofmark/registry';
import type { GatePolicy } from '@proofmark/registry';

import type { Config } from '../config/load.ts';
import { CliError } from '../errors.ts';
import type { Verb } from '../program.ts';
import { findVersion } from '../reference.ts';
import { withInstallation } from '../session.ts';
import { printable } from '../terminal/output.ts';

export const explainVerb: Verb = (program, start) => {
  program
    .command('explain')
    .description('judge a version by a gate policy now, rule by rule; changes nothing')
    .argument('<version>', 'NAME@VERSION, or NAME for its newest version')
    .option('--env <name>', 'environment whose policy judges (default: the only one)')
    .addHelpText('after', '\nExample:\n  proofmark explain support-assistant --env production')
    .action(async function action(reference: string) {
      const { env } = this.opts<{ env?: string }>();
      await start(this, (context) =>
        withInstallation(context, async ({ registry, config }) => {
          const row = await findVersion(registry, reference);
          const policy = choosePolicy(config, env);
          const decision = await registry.decide(row.name, row.version, policy);
          context.output.line(printable(explainDecision(decision, `${row.name}@${row.version}`)));
          context.output.document(decision);
          return decision.outcome === 'allow' ? 0 : 1;
        }),
      );
    });
};

/** The policy of an environment; the name may be left out when there is only one. */
export function choosePolicy(config: Config, environment: string | undefined): GatePolicy {
  const names = [...config.policies.keys()];
  const chosen = environment ?? (names.length === 1 ? names[0] : undefined);
  const policy = chosen === undefined ? undefined : config.policies.get(chosen);
  if (policy !== undefined) return policy;
  throw new CliError(
    'CLI_USAGE',
    `cannot choose a policy: name one of ${names.join(', ')} with --env`,
  );
}
