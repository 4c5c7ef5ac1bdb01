/**
 * Receipts: which model version gave which answer, provable offline. Needs neither a gateway nor a
 * network; `verifyReceipt` is what a third party runs.
 *
 * @module
 */
export { openReceiptIssuer } from './issuer.ts';
export type {
  FoundReceipt,
  IssuerOptions,
  IssuerStats,
  LogAppender,
  ReceiptIssuer,
  ReceiptSink,
  StoredReceipt,
} from './issuer.ts';
export {
  batchEntry,
  batchText,
  parseReceipt,
  receiptText,
  receiptsOf,
  sealBatch,
} from './receipt.ts';
export type { BatchText, Inclusion, Receipt } from './receipt.ts';
export type { SpoolOptions } from './spool.ts';
export { readReceiptPayload } from './statement-reader.ts';
export { RECEIPT_PREDICATE_TYPE, receiptPayload } from './statement.ts';
export type {
  EvidenceLevel,
  GuardrailSummary,
  ReceiptFacts,
  ReceiptModel,
  ReceiptOutcome,
  RequestFacts,
  ResponseFacts,
  Transformation,
} from './statement.ts';
export { closingComment, withoutClosingComment } from './stream-body.ts';
export { StreamDigest } from './stream-digest.ts';
export { verifyReceipt } from './verify.ts';
export type {
  ReceiptPolicy,
  RecordToMatch,
  VerifiedReceipt,
  VerifyReceiptOptions,
} from './verify.ts';
