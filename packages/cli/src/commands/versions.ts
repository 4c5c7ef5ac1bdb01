/**
 * `proofmark versions`: what is registered, and where it is live.
 *
 * @module
 */
import { isoTime } from '@proofmark/core';

import type { Verb } from '../program.ts';
import { withInstallation } from '../session.ts';
import { table } from '../terminal/output.ts';

const MAX_ROWS = 1000;

export const versionsVerb: Verb = (program, start) => {
  program
    .command('versions')
    .description('list registered versions, newest first, and the aliases that point to them')
    .argument('[name]', 'only this model')
    .addHelpText('after', '\nExample:\n  proofmark versions support-assistant')
    .action(async function action(name: string | undefined) {
      await start(this, (context) =>
        withInstallation(context, async ({ registry }) => {
          const rows = await registry.store.versions({
            limit: MAX_ROWS,
            ...(name === undefined ? {} : { name }),
          });
          const aliases = await registry.store.aliases();
          const pointing = (digest: string): string =>
            aliases
              .filter((alias) => alias.manifestDigest === digest)
              .map((alias) => `${alias.environment}/${alias.alias}`)
              .join(', ');
          const { output } = context;
          for (const line of table([
            ['MODEL', 'VERSION', 'MANIFEST', 'REGISTERED', 'BY', 'SERVES'],
            ...rows.map((row) => [
              row.name,
              row.version,
              row.manifestDigest.slice(0, 12),
              isoTime(row.registeredAtMs),
              row.registeredBy,
              pointing(row.manifestDigest),
            ]),
          ])) {
            output.line(line);
          }
          output.document(rows.map((row) => ({ ...row, serves: pointing(row.manifestDigest) })));
          return rows.length === 0 ? 3 : 0;
        }),
      );
    });
};
