/**
 * Tells receivers about alerts: through an outbox, again and again, and not for ever.
 *
 * At least once: a receiver drops repetitions by the delivery id. Waits double from 5 s to 15 min;
 * after `MAX_TRIES` a delivery is dead and `onDead` tells another channel.
 *
 * @module
 */
import { sha256Hex } from '@proofmark/core';

import type { Alert } from '../alert.ts';
import type { Delivery, Outbox } from './outbox.ts';
import type { Receiver } from './receiver.ts';

const BATCH = 100;
const MAX_TRIES = 12;
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 900_000;

/** Puts alerts into the outbox, one delivery per receiver. */
export async function enqueueAlerts(
  alerts: readonly Alert[],
  receivers: readonly Pick<Receiver, 'id'>[],
  outbox: Outbox,
  nowMs: number,
): Promise<void> {
  const deliveries = alerts.flatMap((alert) =>
    receivers.map(({ id: receiverId }) => ({
      id: deliveryId(alert, receiverId),
      receiverId,
      alert,
      tries: 0,
      nextAtMs: nowMs,
    })),
  );
  if (deliveries.length > 0) await outbox.put(deliveries);
}

/** The same change of the same alert has the same id, also when it is enqueued twice. */
function deliveryId(alert: Alert, receiverId: string): string {
  const { fingerprint, state, changedAtMs } = alert;
  return sha256Hex(`${fingerprint}\n${state}\n${changedAtMs}\n${receiverId}`).slice(0, 32);
}

export interface DeliveryOptions {
  readonly receivers: readonly Receiver[];
  readonly outbox: Outbox;
  readonly nowMs: number;
  /** Told about a delivery that is given up, with its last failure. */
  readonly onDead: (delivery: Delivery, error: unknown) => void;
}

/** Tries every delivery whose time has come once. @returns how many were delivered */
export async function deliverDue(options: DeliveryOptions): Promise<number> {
  const { outbox, nowMs } = options;
  let delivered = 0;
  for (const delivery of await outbox.due(nowMs, BATCH)) {
    const receiver = options.receivers.find(({ id }) => id === delivery.receiverId);
    try {
      if (receiver === undefined) throw new Error('the receiver is no longer configured');
      await receiver.deliver(delivery.alert, delivery.id);
      await outbox.remove(delivery.id);
      delivered += 1;
    } catch (error) {
      await retry(delivery, error, options);
    }
  }
  return delivered;
}

async function retry(delivery: Delivery, error: unknown, options: DeliveryOptions): Promise<void> {
  const tries = delivery.tries + 1;
  if (tries >= MAX_TRIES) {
    await options.outbox.remove(delivery.id);
    options.onDead(delivery, error);
    return;
  }
  const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1));
  await options.outbox.postpone(delivery.id, tries, options.nowMs + waitMs);
}
