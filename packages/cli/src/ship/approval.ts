/**
 * A person's yes, bound to exactly what they saw.
 *
 * @module
 */
import type { Envelope, ModelIdentity, Signer } from '@proofmark/core';
import { evidenceToApprove, identityOf, signEvidence } from '@proofmark/registry';
import type { Decision } from '@proofmark/registry';

import type { EvidenceContext } from './attach.ts';

const APPROVAL_MS = 30 * 24 * 3600 * 1000;

export interface Approver {
  /** As the policy names them. */
  readonly name: string;
  readonly reason: string;
  readonly signer: Signer;
}

/** Approves exactly the evidence that the other rules look at now. */
export async function attachApproval(
  { installation, row, policy, actor }: Omit<EvidenceContext, 'signal'>,
  approver: Approver,
): Promise<Decision> {
  const decision = await installation.registry.decide(row.name, row.version, policy);
  const envelope = await signApproval(decision, identityOf(row), {
    ...approver,
    nowMs: installation.clock(),
  });
  await installation.registry.attach(envelope, actor);
  return decision;
}

/** A person's yes to exactly what the rules of a decision looked at. */
export function signApproval(
  decision: Pick<Decision, 'policyDigest'> & Parameters<typeof evidenceToApprove>[0],
  model: ModelIdentity,
  { name, reason, signer, nowMs }: Approver & { readonly nowMs: number },
): Promise<Envelope> {
  const predicate = {
    verdict: 'approve',
    actor: name,
    reason,
    policyDigest: decision.policyDigest,
    evidenceDigests: evidenceToApprove(decision),
    approvedAtMs: nowMs,
    expiresAtMs: nowMs + APPROVAL_MS,
  } as const;
  return signEvidence('approval', predicate, model, [signer]);
}
