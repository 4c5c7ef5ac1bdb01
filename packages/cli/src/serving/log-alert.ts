/**
 * The alert about a log that takes no entries, from a verb that met it, and its end from the next
 * verb whose entry was taken. A running `up` watches its own appends; this is for the commands beside
 * it, or without it.
 *
 * @module
 */
import { RegistryError } from '@proofmark/registry';
import { ServerError, openDeliveryStore } from '@proofmark/server/store';

import type { Installation } from '../installation.ts';
import { createOwnerDelivery, ownerReceivers } from './owner-delivery.ts';
import { createWatch } from './watch.ts';

const COMPONENT = 'log';
const MAX_ALERTS = 1000;

/** Stores the alert and tells its owner, as far as the disk lets it. Never throws. */
export async function tellLogFailure(
  installation: Installation,
  error: unknown,
  tell: (line: string) => void,
): Promise<void> {
  const code = codeOf(error);
  if (code === null) return;
  try {
    const { config, folder, telemetry, clock } = installation;
    const { document } = config;
    const owners = createOwnerDelivery({
      receivers: ownerReceivers(document, folder, clock),
      store: openDeliveryStore(folder.root),
      clock,
      tell,
    });
    const watch = createWatch({
      document,
      tracedRoutes: new Set(),
      store: telemetry,
      owners,
      clock,
      tell,
    });
    const failure = { component: COMPONENT, failures: 1, lost: 0, lastFailure: code };
    watch.health({ ...failure, atMs: clock() });
    await watch.evaluate();
    await owners.deliver();
    await watch.close();
  } catch (cause) {
    tell(
      `the failure of the log could not be told: ${cause instanceof Error ? cause.message : ''}`,
    );
  }
}

/** Ends the alert, once the log has taken an entry of this process. */
export async function settleLogAlert(installation: Installation): Promise<void> {
  const { appended, lastFailure } = installation.logHealth.totals();
  if (appended === 0 || lastFailure !== null) return;
  const { telemetry, clock } = installation;
  const firing = await telemetry.alerts({ state: 'FIRING', limit: MAX_ALERTS });
  const ours = firing.filter(
    ({ rule, labels }) => rule === 'record-failure' && labels['component'] === COMPONENT,
  );
  await telemetry.writeAlerts(
    ours.map((alert) => ({ ...alert, state: 'RESOLVED', updatedAtMs: clock() })),
  );
}

function codeOf(error: unknown): string | null {
  if (error instanceof RegistryError && error.code === 'REGISTRY_LOG_FAILED') return error.code;
  return error instanceof ServerError && error.code === 'SERVER_DISK_FULL' ? error.code : null;
}
