/**
 * The failures of the log: what a caller can branch on. Listed in docs/errors/tlog.md.
 *
 * @module
 */
import { CodedError } from '@proofmark/core';

export type TlogErrorCode =
  /** An entry is empty, too long, not canonical, or its kind or digest is malformed. */
  | 'TLOG_ENTRY_INVALID'
  /** The bytes are not a signed note. */
  | 'TLOG_NOTE_INVALID'
  /** A verifier key or key name is malformed, or the key is of a kind the log cannot use. */
  | 'TLOG_KEY_INVALID'
  /** No signature by a trusted key, or one by a trusted key that does not verify. */
  | 'TLOG_SIGNATURE_INVALID'
  /** The note text is not a checkpoint, or is one of another log. */
  | 'TLOG_CHECKPOINT_INVALID'
  /** An inclusion or consistency proof is malformed or does not lead to the signed root. */
  | 'TLOG_PROOF_INVALID'
  /** The text is not a tlog-policy. */
  | 'TLOG_POLICY_INVALID'
  /** Too few of the policy's witnesses have cosigned the checkpoint. */
  | 'TLOG_QUORUM_MISSING'
  /** A tile that the checkpoint requires is not there. */
  | 'TLOG_TILE_MISSING'
  /** A tile or bundle does not hash to what the checkpoint commits to. */
  | 'TLOG_TILE_CORRUPT'
  /** The storage or the server did not answer, or answered too much. */
  | 'TLOG_READ_FAILED'
  /** An index or range lies outside the tree, or is larger than one call may ask for. */
  | 'TLOG_RANGE_INVALID'
  /** The batch was not committed: none of its entries is in the log. */
  | 'TLOG_APPEND_FAILED'
  /** The commit did not answer: the entries may or may not be in the log. */
  | 'TLOG_APPEND_UNKNOWN'
  /** The committed tree went backwards or is not an extension of one seen before. */
  | 'TLOG_FORKED'
  /** Too many entries wait to be appended. */
  | 'TLOG_BUSY'
  /** The log was closed. */
  | 'TLOG_CLOSED'
  /** The committed checkpoint could not be published. It is committed all the same. */
  | 'TLOG_PUBLISH_FAILED'
  /** A witness did not answer, or answered something that is not a valid cosignature. */
  | 'TLOG_WITNESS_FAILED'
  /** A witness refused to cosign: unknown log, bad signature, or an inconsistent tree. */
  | 'TLOG_WITNESS_REFUSED';

export class TlogError extends CodedError<TlogErrorCode> {}
