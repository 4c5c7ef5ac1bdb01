/**
 * Receipts as the telemetry store keeps them.
 *
 * @module
 */
import type { Envelope } from '@proofmark/core';
import {
  batchText,
  parseReceipt,
  readReceiptPayload,
  receiptText,
} from '@proofmark/gateway/receipt';
import type { BatchText, StoredReceipt } from '@proofmark/gateway/receipt';
import type { ReceiptRow } from '@proofmark/server';

/** A stored receipt from its row. */
export function fromReceiptRow(row: ReceiptRow): StoredReceipt {
  const receipt = parseReceipt(row.envelope);
  return {
    id: row.responseId,
    facts: readReceiptPayload(Buffer.from(receipt.payload, 'base64')),
    receipt,
    // Rows are written only after the batch was logged.
    logIndex: row.logIndex ?? -1,
  };
}

/** Rows of receipts, each batch among them written out once. */
export function receiptRows(receipts: readonly StoredReceipt[]): ReceiptRow[] {
  const texts = new Map<Envelope, BatchText>();
  return receipts.map((stored) => {
    const { batch } = stored.receipt;
    const text = texts.get(batch) ?? batchText(batch);
    texts.set(batch, text);
    return toReceiptRow(stored, text);
  });
}

function toReceiptRow(stored: StoredReceipt, batch: BatchText): ReceiptRow {
  const { id, facts, receipt, logIndex } = stored;
  return {
    responseId: id,
    route: facts.route,
    modelName: facts.model.name,
    modelVersion: facts.model.version,
    manifestDigest: facts.model.manifestDigest,
    tenantHash: facts.tenant,
    envelope: receiptText(receipt, batch),
    entryDigest: batch.digest,
    logIndex,
    issuedAtMs: facts.issuedAtMs,
  };
}
