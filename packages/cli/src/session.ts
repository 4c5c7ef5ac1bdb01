/**
 * Opens the data folder for one verb and closes it whatever happens.
 *
 * @module
 */
import type { CommandContext } from './context.ts';
import { openInstallation } from './installation.ts';
import type { Installation } from './installation.ts';

export async function withInstallation<T>(
  context: CommandContext,
  work: (installation: Installation) => Promise<T>,
): Promise<T> {
  const installation = await openInstallation(context.dataRoot, {
    clock: context.clock,
    onLogFailure: (error) =>
      context.output.note(`the log could not be published: ${error.message}`),
  });
  try {
    return await work(installation);
  } finally {
    await installation.close();
  }
}
