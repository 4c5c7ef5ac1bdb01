/**
 * `proofmark demo attacks`: the six attacks that this system exists for, each refused.
 *
 * @module
 */
import path from 'node:path';

import type { AttackReport } from '../attacks/attack.ts';
import { exfiltration } from '../attacks/exfiltration.ts';
import { flippedByte } from '../attacks/flipped-byte.ts';
import { debugBuild, hostilePickle } from '../attacks/hostile-build.ts';
import { withLaboratory } from '../attacks/laboratory.ts';
import { servedAttacks } from '../attacks/served.ts';
import type { CommandContext, ExitCode } from '../context.ts';
import type { Verb } from '../program.ts';
import { MAIN_JOB_STEPS } from '../ship/main-job.ts';
import { createSteps } from '../ship/steps.ts';
import { printable } from '../terminal/output.ts';

export const demoVerb: Verb = (program, start) => {
  const demo = program.command('demo').description('demonstrations');
  demo
    .command('attacks')
    .description('six attacks on the shipped model, in a folder of their own; each must be refused')
    .option('--from <folder>', 'data folder of an earlier first run, copied to save its tests')
    .addHelpText('after', '\nExample:\n  proofmark demo attacks --from .proofmark')
    .action(async function action() {
      const { from } = this.opts<{ from?: string }>();
      await start(this, (context) =>
        attacks(context, from === undefined ? null : path.resolve(context.cwd, from)),
      );
    });
};

async function attacks(context: CommandContext, from: string | null): Promise<ExitCode> {
  const { output } = context;
  const steps = createSteps(output, MAIN_JOB_STEPS);
  const reports = await withLaboratory(context, { from, steps }, async (laboratory) => {
    const [injections, altered] = await servedAttacks(laboratory);
    return [
      await flippedByte(laboratory),
      await debugBuild(laboratory),
      await hostilePickle(laboratory),
      injections,
      await exfiltration(laboratory),
      altered,
    ].filter((report): report is AttackReport => report !== undefined);
  });
  for (const { id, title, refused, trials } of reports) {
    const verdict = refused ? output.paint('green', 'refused') : output.paint('red', 'NOT REFUSED');
    output.line(`(${id}) ${title}: ${verdict}`);
    for (const trial of trials) {
      output.line(`    ${trial.tried}`);
      output.line(`      ${trial.by}: ${trial.code ?? 'accepted'}: ${printable(trial.detail)}`);
    }
  }
  const all = reports.length === 6 && reports.every((report) => report.refused);
  output.line(all ? 'all six refused' : output.paint('red', 'not all were refused'));
  output.document({ refused: all, attacks: reports });
  return all ? 0 : 1;
}
