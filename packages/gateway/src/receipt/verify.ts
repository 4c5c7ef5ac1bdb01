/**
 * Verifies a receipt offline: which model version gave these bytes, under which policy.
 *
 * What it proves: the holder of a trusted receipt key signed that this response was given to this
 * request by this model version, and committed to it in a log that the policy trusts. What it does
 * not prove: what the processor executed (see the evidence level), nor that the answer is right.
 *
 * The receipt, the proof and the response are attacker-controlled until `verifyReceipt` returns.
 *
 * @module
 */
import {
  parseStatement,
  preAuthEncoding,
  sha256Hex,
  subjectManifest,
  verifyEnvelope,
} from '@proofmark/core';
import type { Envelope, PublicKey, Statement } from '@proofmark/core';
import { verifyTlogProof } from '@proofmark/tlog';
import type { LogTrust, ProvenEntry, TlogPolicy } from '@proofmark/tlog';

import { GatewayError } from '../errors.ts';
import type { GatewayErrorCode } from '../errors.ts';
import { batchLeaf, batchRoot } from './batch-tree.ts';
import { BATCH_PREDICATE_TYPE, BATCH_ROOT, batchEntry } from './receipt.ts';
import type { Receipt } from './receipt.ts';
import { readReceiptPayload } from './statement-reader.ts';
import type { ReceiptFacts } from './statement.ts';
import { splitEvents, withoutClosingComment } from './stream-body.ts';
import { StreamDigest } from './stream-digest.ts';

export interface ReceiptPolicy {
  /** Keys whose receipts are believed. */
  readonly receiptKeys: readonly PublicKey[];
  readonly log: LogTrust | TlogPolicy;
}

/** The promotion record that the receipt must lead to. */
export interface RecordToMatch {
  readonly envelope: Envelope;
  /** Keys of the control plane. */
  readonly trusted: readonly PublicKey[];
  /** Where the record is in the log, when the caller has proven it. */
  readonly index?: number;
}

export interface VerifyReceiptOptions {
  readonly receipt: Receipt;
  /**
   * The exact response body; without it the receipt alone is checked, and says so. A stream may end
   * with its closing comment or not.
   */
  readonly responseBytes?: Uint8Array;
  readonly requestBytes?: Uint8Array;
  /** The `.tlog-proof` of the receipt's batch. */
  readonly proof: string;
  readonly policy: ReceiptPolicy;
  readonly record?: RecordToMatch;
  /** Milliseconds since the Unix epoch; a receipt from the future is refused. */
  readonly nowMs: number;
}

export interface VerifiedReceipt {
  readonly facts: ReceiptFacts;
  /** Where the batch is in the log. */
  readonly logIndex: number;
  /** The trusted keys that signed the batch. */
  readonly keyIds: readonly string[];
  /** Whether response, request and promotion record were given and matched. */
  readonly responseMatched: boolean;
  readonly requestMatched: boolean;
  readonly recordMatched: boolean;
}

/** Clocks of two machines may differ by this much, milliseconds. */
const CLOCK_SKEW_MS = 300_000;

/**
 * @throws {GatewayError} GATEWAY_RECEIPT_* naming exactly what does not hold
 */
export function verifyReceipt(options: VerifyReceiptOptions): VerifiedReceipt {
  const { receipt, policy } = options;
  const { batch, keyIds } = openBatch(receipt.batch, policy.receiptKeys);
  checkInclusion(receipt, batch);
  const { index } = checkProof(options.proof, receipt.batch, policy.log);
  const facts = readReceiptPayload(Buffer.from(receipt.payload, 'base64'));
  checkTime(facts, options.nowMs);
  if (options.responseBytes !== undefined) checkResponse(facts, options.responseBytes);
  if (options.requestBytes !== undefined) checkRequest(facts, options.requestBytes);
  if (options.record !== undefined) checkRecord(facts, options.record);
  return {
    facts,
    logIndex: index,
    keyIds,
    responseMatched: options.responseBytes !== undefined,
    requestMatched: options.requestBytes !== undefined,
    recordMatched: options.record !== undefined,
  };
}

function openBatch(
  envelope: Envelope,
  keys: readonly PublicKey[],
): { readonly batch: Statement; readonly keyIds: readonly string[] } {
  const verified = attempt(
    'GATEWAY_RECEIPT_SIGNATURE_INVALID',
    'its batch is not signed by a key that the policy trusts; check which gateway issued it',
    () => verifyEnvelope(envelope, keys),
  );
  const batch = attempt('GATEWAY_RECEIPT_INVALID', 'its batch is not a statement', () =>
    parseStatement(verified.payload),
  );
  if (batch.predicateType !== BATCH_PREDICATE_TYPE || batch.subject.length !== 1) {
    throw refuse('GATEWAY_RECEIPT_INVALID', 'its batch is a statement of another kind');
  }
  return { batch, keyIds: verified.keyIds };
}

function checkInclusion(receipt: Receipt, batch: Statement): void {
  const { index, path, size } = receipt.inclusion;
  const payload = Buffer.from(receipt.payload, 'base64');
  const root = batchRoot(
    batchLeaf(preAuthEncoding(receipt.payloadType, payload)),
    index,
    size,
    path.map((hash) => Buffer.from(hash, 'hex')),
  );
  const signedRoot = batch.subject[0]?.digest[BATCH_ROOT];
  if (
    root === null ||
    Buffer.from(root).toString('hex') !== signedRoot ||
    batch.predicate['count'] !== size
  ) {
    throw refuse(
      'GATEWAY_RECEIPT_NOT_IN_BATCH',
      'the signed batch does not contain it: the receipt was altered, or belongs to another batch',
    );
  }
}

function checkProof(proof: string, batch: Envelope, log: LogTrust | TlogPolicy): ProvenEntry {
  return attempt(
    'GATEWAY_RECEIPT_PROOF_INVALID',
    'its batch is not proven to be in the trusted log; fetch the proof again, and check the log key',
    () => verifyTlogProof(proof, batchEntry(batch), log),
  );
}

function checkTime(facts: ReceiptFacts, nowMs: number): void {
  if (facts.issuedAtMs > nowMs + CLOCK_SKEW_MS) {
    throw refuse(
      'GATEWAY_RECEIPT_FUTURE',
      'it says that it was issued after the time of this check; check the clocks',
    );
  }
}

function checkResponse(facts: ReceiptFacts, bytes: Uint8Array): void {
  const { response } = facts;
  if (response === null) {
    throw refuse(
      'GATEWAY_RECEIPT_RESPONSE_MISMATCH',
      'it records that the gateway stopped before the response was complete, so no response matches it',
    );
  }
  const matches =
    response.stream === null ? sha256Hex(bytes) === response.digest : streamed(facts, bytes);
  if (!matches) {
    throw refuse(
      'GATEWAY_RECEIPT_RESPONSE_MISMATCH',
      'the response is not the one that was sent, byte for byte; it was altered or belongs to another receipt',
    );
  }
}

function streamed(facts: ReceiptFacts, bytes: Uint8Array): boolean {
  const digest = new StreamDigest();
  for (const event of splitEvents(withoutClosingComment(bytes, facts.id))) digest.add(event);
  const sent = digest.facts();
  const { response } = facts;
  return (
    response !== null &&
    sent.digest === response.digest &&
    sent.chain === response.stream?.chain &&
    sent.events === response.stream.events
  );
}

function checkRequest(facts: ReceiptFacts, bytes: Uint8Array): void {
  if (sha256Hex(bytes) !== facts.requestDigest) {
    throw refuse(
      'GATEWAY_RECEIPT_REQUEST_MISMATCH',
      'the request is not the one that was received, byte for byte',
    );
  }
}

function checkRecord(facts: ReceiptFacts, record: RecordToMatch): void {
  const why =
    'the promotion record is not signed by the control plane for the model version of the receipt';
  const manifest = attempt('GATEWAY_RECEIPT_RECORD_MISMATCH', why, () =>
    subjectManifest(parseStatement(verifyEnvelope(record.envelope, record.trusted).payload)),
  );
  const elsewhere = record.index !== undefined && record.index !== facts.promotion.index;
  if (manifest !== facts.model.manifestDigest || elsewhere) {
    throw refuse('GATEWAY_RECEIPT_RECORD_MISMATCH', why);
  }
}

function attempt<T>(code: GatewayErrorCode, why: string, step: () => T): T {
  try {
    return step();
  } catch (cause) {
    throw new GatewayError(code, `cannot accept the receipt: ${why}`, { cause });
  }
}

function refuse(code: GatewayErrorCode, why: string): GatewayError {
  return new GatewayError(code, `cannot accept the receipt: ${why}`);
}
