/**
 * An approval: a person says yes or no to exactly this model, this evidence, this policy.
 *
 * It names every digest the approver looked at and is void as soon as one of them changes: another
 * manifest, another set of evidence, another policy. docs/spec/approval.md.
 *
 * @module
 */
import type { JsonObject } from '@proofmark/core';
import { isoTime } from '@proofmark/core';

import type { Fields } from '../json-fields.ts';
import { ACTOR } from '../version.ts';

export const APPROVAL_PREDICATE_TYPE = 'urn:proofmark:approval:v1';

export interface ApprovalPredicate {
  /** `reject` is a statement of its own: it withdraws an earlier approval of the same approver. */
  readonly verdict: 'approve' | 'reject';
  /** Who approved. The policy maps approvers to keys; the key decides, not this text. */
  readonly actor: string;
  readonly reason: string;
  readonly policyDigest: string;
  /** Digest of every piece of evidence approved, sorted, without repeats. */
  readonly evidenceDigests: readonly string[];
  readonly approvedAtMs: number;
  /** After this time the approval is stale even if the policy allows its age. */
  readonly expiresAtMs: number;
}

const MAX_EVIDENCE = 10_000;

export function buildApproval(approval: ApprovalPredicate): JsonObject {
  return {
    verdict: approval.verdict,
    actor: approval.actor,
    reason: approval.reason,
    policyDigest: approval.policyDigest,
    evidenceDigests: approval.evidenceDigests,
    approvedAt: isoTime(approval.approvedAtMs),
    expiresAt: isoTime(approval.expiresAtMs),
  };
}

export function readApproval(predicate: Fields): ApprovalPredicate {
  return {
    verdict: predicate.oneOf('verdict', ['approve', 'reject']),
    actor: predicate.text('actor', { pattern: ACTOR }),
    reason: predicate.text('reason'),
    policyDigest: predicate.digest('policyDigest'),
    evidenceDigests: predicate.digests('evidenceDigests', MAX_EVIDENCE),
    approvedAtMs: predicate.time('approvedAt'),
    expiresAtMs: predicate.time('expiresAt'),
  };
}
