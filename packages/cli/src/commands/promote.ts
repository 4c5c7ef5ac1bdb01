/**
 * `proofmark promote` and `proofmark rollback`: move what serves, by signed and logged records.
 *
 * @module
 */
import type { Command } from 'commander';

import { explainDecision } from '@proofmark/registry';
import type { MoveResult } from '@proofmark/registry';

import type { CommandContext, ExitCode } from '../context.ts';
import type { Verb } from '../program.ts';
import { findVersion } from '../reference.ts';
import { withInstallation } from '../session.ts';
import { printable } from '../terminal/output.ts';
import { choosePolicy } from './explain.ts';

interface MoveOptions {
  readonly env?: string;
  readonly alias: string;
  readonly reason: string;
}

export const promoteVerb: Verb = (program, start) => {
  moveOptions(program.command('promote'), 'promoted by hand')
    .description('let a version serve, if its gate allows; a denial is recorded too')
    .addHelpText(
      'after',
      '\nExample:\n  proofmark promote support-assistant@1.1.0 --env production',
    )
    .action(async function action(reference: string) {
      const options = this.opts<MoveOptions>();
      await start(this, (context) => move(context, 'promote', reference, options));
    });
};

export const rollbackVerb: Verb = (program, start) => {
  moveOptions(program.command('rollback'), 'rolled back by hand')
    .description('go back to a version that was promoted before and still verifies')
    .addHelpText(
      'after',
      '\nExample:\n  proofmark rollback support-assistant@1.0.0 --env production',
    )
    .action(async function action(reference: string) {
      const options = this.opts<MoveOptions>();
      await start(this, (context) => move(context, 'rollback', reference, options));
    });
};

function moveOptions(command: Command, reason: string): Command {
  return command
    .argument('<version>', 'NAME@VERSION')
    .option('--env <name>', 'environment (default: the only one)')
    .option('--alias <name>', 'alias of that environment', 'live')
    .option('--reason <text>', 'why, for the record', reason);
}

function move(
  context: CommandContext,
  action: 'promote' | 'rollback',
  reference: string,
  options: MoveOptions,
): Promise<ExitCode> {
  return withInstallation(context, async ({ registry, config }) => {
    const row = await findVersion(registry, reference);
    const policy = choosePolicy(config, options.env);
    const result = await registry[action]({
      name: row.name,
      version: row.version,
      policy,
      alias: options.alias,
      actor: context.actor,
      reason: options.reason,
    });
    return report(context, result);
  });
}

function report({ output }: CommandContext, result: MoveResult): ExitCode {
  const { record } = result;
  const title = `${record.name}@${record.version}`;
  if (result.outcome === 'denied') {
    output.line(printable(explainDecision(result.decision, title)));
  } else {
    output.line(
      `${title} is now ${record.environment}/${record.alias}, generation ${record.generation}`,
    );
  }
  output.line(`record ${result.recordDigest} is entry ${result.logIndex} of the log`);
  output.document(result);
  return result.outcome === 'moved' ? 0 : 1;
}
