/**
 * Whether somebody who is trusted has revoked a model: for whoever serves it, and for lists of what
 * it answered. The gate asks the same of the evidence it judges (`gates/rules/revocation.ts`).
 *
 * @module
 */
import type { PublicKey } from '@proofmark/core';
import { CodedError } from '@proofmark/core';

import { RegistryError } from './errors.ts';
import { readEvidence, readEvidenceEnvelope } from './evidence.ts';
import type { RegistryStore } from './store.ts';

export interface ModelRevocation {
  /** Digest of the attestation. */
  readonly digest: string;
  /** Null where the attestation cannot be read. */
  readonly actor: string | null;
  readonly reason: string;
}

/**
 * The revocation of a model by one of `trusted`, or null. A stored one that is missing or damaged
 * counts: whoever can damage the registry must not bring a revoked model back by it.
 *
 * @param store what is attached, and its text
 */
export async function revocationOf(
  store: Pick<RegistryStore, 'evidence' | 'document'>,
  manifestDigest: string,
  trusted: readonly PublicKey[],
): Promise<ModelRevocation | null> {
  for (const { kind, digest } of await store.evidence(manifestDigest)) {
    if (kind !== 'revocation') continue;
    const found = readRevocationText(await store.document(digest), trusted);
    if (found !== null) return { digest, ...found };
  }
  return null;
}

function readRevocationText(
  text: string | null,
  trusted: readonly PublicKey[],
): Omit<ModelRevocation, 'digest'> | null {
  const damaged = { actor: null, reason: 'a stored revocation cannot be read any more' };
  if (text === null) return damaged;
  try {
    const evidence = readEvidence(readEvidenceEnvelope(text), trusted);
    if (evidence.kind !== 'revocation') return damaged;
    const { target, actor, reason } = evidence.predicate;
    return target.kind === 'model' ? { actor, reason } : null;
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause;
    const foreign = cause instanceof RegistryError && cause.code === 'REGISTRY_EVIDENCE_UNTRUSTED';
    return foreign ? null : damaged;
  }
}
