/**
 * Where alerts go: a signed webhook, or lines of text for a terminal.
 *
 * @module
 */
import { isoTime } from '@proofmark/core';
import type { Clock } from '@proofmark/core';

import type { Alert } from '../alert.ts';
import { MonitorError } from '../errors.ts';
import { signWebhook } from './webhook.ts';

export interface Receiver {
  readonly id: string;
  /**
   * Delivers an alert. Called again with the same `deliveryId` when it rejected.
   *
   * @throws {MonitorError} MONITOR_DELIVERY_FAILED
   */
  deliver(alert: Alert, deliveryId: string): Promise<void>;
}

export interface WebhookOptions {
  readonly id: string;
  readonly url: string;
  /** At least 16 bytes; never logged. */
  readonly secret: Uint8Array;
  readonly clock: Clock;
  /** Default 10,000. */
  readonly timeoutMs?: number;
}

const MIN_SECRET_BYTES = 16;

/** @throws {MonitorError} MONITOR_CONFIG_INVALID */
export function webhookReceiver(options: WebhookOptions): Receiver {
  const url = URL.parse(options.url);
  const usable = url !== null && (url.protocol === 'https:' || url.protocol === 'http:');
  if (!usable || options.secret.length < MIN_SECRET_BYTES) {
    throw new MonitorError(
      'MONITOR_CONFIG_INVALID',
      `cannot send alerts: a webhook needs an http or https URL and a secret of at least ${MIN_SECRET_BYTES} bytes`,
    );
  }
  return {
    id: options.id,
    async deliver(alert, deliveryId) {
      const body = JSON.stringify({ version: 1, alert });
      const headers = signWebhook(options.secret, deliveryId, body, options.clock());
      let status: number;
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body,
          redirect: 'manual',
          signal: AbortSignal.timeout(options.timeoutMs ?? 10_000),
        });
        status = response.status;
        await response.body?.cancel();
      } catch (cause) {
        throw failed(options.id, 'there was no answer', cause);
      }
      if (status < 200 || status > 299) throw failed(options.id, `it answered ${status}`);
    },
  };
}

/** One line per alert, for a terminal or a log. `write` must not throw. */
export function lineReceiver(id: string, write: (line: string) => void): Receiver {
  return {
    id,
    deliver(alert) {
      write(alertLine(alert));
      return Promise.resolve();
    },
  };
}

/** Control characters cannot reach a terminal: labels are partly attacker-controlled. */
export function alertLine(alert: Alert): string {
  const labels = Object.entries(alert.labels)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(' ');
  const summary = JSON.stringify(alert.summary).slice(1, -1);
  return `${isoTime(alert.changedAtMs)} ${alert.state} ${alert.severity} ${alert.rule} owner=${JSON.stringify(alert.owner)} ${labels}: ${summary}`;
}

function failed(id: string, why: string, cause?: unknown): MonitorError {
  return new MonitorError(
    'MONITOR_DELIVERY_FAILED',
    `cannot deliver the alert to ${id}: ${why}; it is tried again`,
    cause === undefined ? {} : { cause },
  );
}
