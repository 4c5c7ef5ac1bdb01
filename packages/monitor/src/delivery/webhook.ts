/**
 * Signed webhooks: what goes out, and how a receiver checks it.
 *
 *     x-proofmark-delivery: <id>          the same on every try: receivers drop what they have seen
 *     x-proofmark-timestamp: <unix seconds>
 *     x-proofmark-signature: v1=<hex HMAC-SHA-256(secret, "v1." timestamp "." id "." body)>
 *
 * The timestamp is signed, so a captured request is useless after the replay window.
 *
 * @module
 */
import { createHmac } from 'node:crypto';

import { equalSecrets } from '@proofmark/core';

import { MonitorError } from '../errors.ts';

export interface WebhookHeaders {
  readonly 'x-proofmark-delivery': string;
  readonly 'x-proofmark-timestamp': string;
  readonly 'x-proofmark-signature': string;
}

export interface ReceivedWebhook {
  /** Header names in lower case, as Node gives them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

const REPLAY_WINDOW_S = 300;

export function signWebhook(
  secret: Uint8Array,
  id: string,
  body: string,
  nowMs: number,
): WebhookHeaders {
  const timestamp = String(Math.floor(nowMs / 1000));
  return {
    'x-proofmark-delivery': id,
    'x-proofmark-timestamp': timestamp,
    'x-proofmark-signature': `v1=${mac(secret, id, timestamp, body).toString('hex')}`,
  };
}

/**
 * For receivers. @returns the delivery id, to drop repetitions by
 *
 * @throws {MonitorError} MONITOR_WEBHOOK_INVALID
 */
export function verifyWebhook(
  secret: Uint8Array,
  received: ReceivedWebhook,
  nowMs: number,
): string {
  const id = header(received, 'x-proofmark-delivery');
  const timestamp = header(received, 'x-proofmark-timestamp');
  const signature = header(received, 'x-proofmark-signature');
  const age = Math.abs(Math.floor(nowMs / 1000) - Number(timestamp));
  if (!/^\d{1,12}$/.test(timestamp) || age > REPLAY_WINDOW_S) throw refuse('it is too old');
  const hex = /^v1=([0-9a-f]{64})$/.exec(signature)?.[1];
  const expected = mac(secret, id, timestamp, received.body);
  if (hex === undefined || !equalSecrets(Buffer.from(hex, 'hex'), expected)) {
    throw refuse('its signature is not by this secret');
  }
  return id;
}

function mac(secret: Uint8Array, id: string, timestamp: string, body: string): Buffer {
  return createHmac('sha256', secret).update(`v1.${timestamp}.${id}.`).update(body).digest();
}

function header({ headers }: ReceivedWebhook, name: string): string {
  const value = headers[name];
  if (typeof value !== 'string' || value === '') throw refuse(`${name} is missing`);
  return value;
}

function refuse(why: string): MonitorError {
  return new MonitorError('MONITOR_WEBHOOK_INVALID', `cannot trust the webhook: ${why}; drop it`);
}
