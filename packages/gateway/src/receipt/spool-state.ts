/**
 * What the records of the spool amount to after a restart: pure.
 *
 * @module
 */
import { parseEnvelope, parseStrictJson } from '@proofmark/core';
import type { Envelope, Json } from '@proofmark/core';

import { GatewayError } from '../errors.ts';
import type { SpoolRecord } from './spool-record.ts';
import { readReceiptPayload } from './statement-reader.ts';
import type { ReceiptFacts, RequestFacts } from './statement.ts';

export interface PendingReceipt {
  readonly id: string;
  readonly payload: string;
  /** What the payload says. */
  readonly facts: ReceiptFacts;
}

/** A batch that was signed and perhaps logged, perhaps stored. */
export interface PendingBatch {
  /** The digest that its `end` names. */
  readonly id: string;
  readonly envelope: Envelope;
  readonly receipts: readonly PendingReceipt[];
}

export interface SpoolState {
  /** Streams that never ended: the gateway died while answering. */
  readonly unfinished: readonly RequestFacts[];
  /** Receipts in no batch, in the order of their records. */
  readonly pending: readonly PendingReceipt[];
  readonly batches: readonly PendingBatch[];
  /** Receipts of ended batches: nothing is left to do for them. */
  readonly finished: readonly string[];
}

/**
 * @throws {GatewayError} GATEWAY_SPOOL_CORRUPT when a batch names a receipt that is not there,
 *   GATEWAY_RECEIPT_INVALID when a payload is none
 */
export function spoolState(records: readonly SpoolRecord[]): SpoolState {
  const open = new Map<string, RequestFacts>();
  const done = new Map<string, PendingReceipt>();
  const batches = new Map<
    string,
    { readonly envelope: Envelope; readonly ids: readonly string[] }
  >();
  const ended = new Set<string>();
  for (const { kind, id, body } of records) {
    if (kind === 'open') open.set(id, JSON.parse(body) as RequestFacts);
    if (kind === 'done') {
      const facts = readReceiptPayload(Buffer.from(body, 'utf8'));
      done.set(id, { id, payload: body, facts });
    }
    if (kind === 'batch') batches.set(id, readBatch(body));
    if (kind === 'end') ended.add(id);
  }
  const inBatch = new Set([...batches.values()].flatMap(({ ids }) => ids));
  return {
    unfinished: [...open].filter(([id]) => !done.has(id)).map(([, facts]) => facts),
    pending: [...done.values()].filter(({ id }) => !inBatch.has(id)),
    batches: [...batches]
      .filter(([id]) => !ended.has(id))
      .map(([id, { envelope, ids }]) => ({
        id,
        envelope,
        receipts: ids.map((i) => find(done, i)),
      })),
    finished: [...batches].filter(([id]) => ended.has(id)).flatMap(([, { ids }]) => ids),
  };
}

export function batchBody(envelope: Envelope, ids: readonly string[]): string {
  return JSON.stringify({ envelope, ids });
}

function readBatch(body: string): { readonly envelope: Envelope; readonly ids: readonly string[] } {
  const value = parseStrictJson(body) as {
    readonly envelope: Json;
    readonly ids: readonly string[];
  };
  return { envelope: parseEnvelope(value.envelope), ids: value.ids };
}

function find(done: ReadonlyMap<string, PendingReceipt>, id: string): PendingReceipt {
  const receipt = done.get(id);
  if (receipt !== undefined) return receipt;
  throw new GatewayError(
    'GATEWAY_SPOOL_CORRUPT',
    `cannot read the receipt spool: a batch names receipt ${id}, which no segment holds; restore the missing segment`,
  );
}
