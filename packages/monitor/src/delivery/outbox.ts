/**
 * The outbox between deciding to tell somebody and having told them.
 *
 * The interface is what a durable store must give; `memoryOutbox` is the version for tests and for
 * processes whose alerts may be lost with them.
 *
 * @module
 */
import type { Alert } from '../alert.ts';

export interface Delivery {
  /** Unique; the receiver's idempotency key. */
  readonly id: string;
  readonly receiverId: string;
  readonly alert: Alert;
  readonly tries: number;
  readonly nextAtMs: number;
}

export interface Outbox {
  /** Durable when it resolves. An id that is already there changes nothing. */
  put(deliveries: readonly Delivery[]): Promise<void>;
  /** Deliveries whose time has come, the oldest first, at most `limit`. */
  due(nowMs: number, limit: number): Promise<readonly Delivery[]>;
  /** Told, or given up. */
  remove(id: string): Promise<void>;
  postpone(id: string, tries: number, nextAtMs: number): Promise<void>;
}

export function memoryOutbox(): Outbox {
  const deliveries = new Map<string, Delivery>();
  return {
    put(added) {
      for (const delivery of added) {
        if (!deliveries.has(delivery.id)) deliveries.set(delivery.id, delivery);
      }
      return Promise.resolve();
    },
    due(nowMs, limit) {
      const due = [...deliveries.values()].filter(({ nextAtMs }) => nextAtMs <= nowMs);
      return Promise.resolve(due.toSorted((a, b) => a.nextAtMs - b.nextAtMs).slice(0, limit));
    },
    remove(id) {
      deliveries.delete(id);
      return Promise.resolve();
    },
    postpone(id, tries, nextAtMs) {
      const delivery = deliveries.get(id);
      if (delivery !== undefined) deliveries.set(id, { ...delivery, tries, nextAtMs });
      return Promise.resolve();
    },
  };
}
