/**
 * Looks at what is attached to a model as attestations, and refuses the model for some of it.
 *
 * - changed after a trusted signer signed it, or signed by one about another model: refused, always;
 * - by nobody trusted, or unreadable: left out and told; refused where attestations are required,
 *   as then also is a model without any.
 *
 * @module
 */
import type { SignatureTrust } from '@proofmark/artifact';

import { ATTESTATION_TYPE, visitAttached } from './attachment.ts';
import type { AttachmentLimits } from './attachment.ts';
import { judgeAttestation } from './attestation.ts';
import type { AttestationStanding, AttestedModel, JudgedAttestation } from './attestation.ts';
import type { ContentStore } from './content-store.ts';
import { OciError } from './errors.ts';

export interface AttestationWish {
  /** Who may have signed an attestation. */
  readonly trust: SignatureTrust;
  /** At least one, and none that does not verify. */
  readonly required: boolean;
}

export interface CollectedAttestations {
  readonly judged: readonly JudgedAttestation[];
  /** Whether all that is attached was looked at. */
  readonly isComplete: boolean;
}

const MAX_KEPT_BYTES = 256 * 1024 * 1024;
const LIMITS: AttachmentLimits = {
  documents: 1024,
  documentBytes: 32 * 1024 * 1024,
  totalBytes: 512 * 1024 * 1024,
};
const REFUSED: ReadonlySet<AttestationStanding> = new Set(['tampered', 'wrong-subject']);

/**
 * @throws {OciError} OCI_ATTESTATION_TAMPERED, OCI_ATTESTATION_SUBJECT_MISMATCH; where they are
 *   required OCI_ATTESTATION_UNTRUSTED, OCI_ATTESTATION_INVALID, OCI_ATTESTATION_MISSING; those of
 *   the store
 */
export async function collectAttestations(
  store: ContentStore,
  model: AttestedModel,
  { trust, required }: AttestationWish,
): Promise<CollectedAttestations> {
  const judged: JudgedAttestation[] = [];
  let kept = 0;
  const { isComplete } = await visitAttached(
    store,
    { digest: model.ociDigest, type: ATTESTATION_TYPE },
    LIMITS,
    (attachment) => {
      const one = judgeAttestation(attachment, model, trust);
      judged.push(one);
      kept += one.document?.length ?? 0;
      return kept < MAX_KEPT_BYTES;
    },
  );
  const refused =
    judged.find(({ standing }) => REFUSED.has(standing)) ??
    (required ? judged.find(({ standing }) => standing !== 'trusted') : undefined);
  if (refused !== undefined) throw refusal(refused);
  if (required && (judged.length === 0 || !isComplete)) throw missing(judged.length);
  return { judged, isComplete };
}

function refusal({ code, digest, why }: JudgedAttestation): OciError {
  return new OciError(
    code ?? 'OCI_ATTESTATION_INVALID',
    `cannot pull the model: the attestation ${digest.slice(0, 12)} attached to it does not count: ${why}; have it taken away, or pull the model alone with --no-attestations`,
    { details: { digest } },
  );
}

function missing(lookedAt: number): OciError {
  return new OciError(
    'OCI_ATTESTATION_MISSING',
    lookedAt === 0
      ? 'cannot pull the model: no attestation is attached to it'
      : `cannot pull the model: more than ${lookedAt} attestations are attached, and no more are looked at`,
  );
}
