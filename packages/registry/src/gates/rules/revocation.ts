/**
 * Rule `revocation`: nobody whom the policy trusts has revoked the model, or one that it is made from.
 * Part of every policy.
 *
 * @module
 */
import type { EvidenceOf } from '../../evidence.ts';
import type { Finding, GateContext } from '../rule-result.ts';
import { codeOfBroken, isKind, pass } from '../rule-result.ts';

const NEEDED = 'no revocation of this model or its base models by a key of the policy';

export function judgeRevocation(context: GateContext): Finding {
  const broken = context.evidence
    .filter((e) => e.kind === 'broken')
    .filter((e) => e.of === 'revocation');
  if (broken.length > 0) {
    return {
      outcome: 'error',
      code: codeOfBroken(broken),
      needed: NEEDED,
      found: `${broken.length} stored revocations no longer read as they were attached`,
      evidenceDigests: broken.map((e) => e.digest).toSorted(),
      fix: 'restore the registry from a backup, and find out who changed it',
    };
  }
  const all = context.evidence.filter(isKind('revocation'));
  const own = all.filter((e) => e.manifestDigest === context.subject.manifestDigest);
  const digests = own.map((e) => e.digest).toSorted();
  const model = own.find((e) => e.predicate.target.kind === 'model');
  const bases = all.filter(
    ({ manifestDigest, predicate }) =>
      predicate.target.kind === 'model' && context.subject.bases.includes(manifestDigest),
  );
  if (model === undefined && bases.length > 0) return baseRevoked(bases, digests);
  if (model === undefined) {
    return pass(NEEDED, own.length === 0 ? 'none' : 'revocations of evidence only', digests);
  }
  return {
    outcome: 'fail',
    code: 'GATE_MODEL_REVOKED',
    needed: NEEDED,
    found: `revoked by ${model.predicate.actor}: ${model.predicate.reason}`,
    evidenceDigests: digests,
    fix: 'promote another version; a revocation cannot be taken back',
  };
}

function baseRevoked(bases: readonly EvidenceOf<'revocation'>[], own: readonly string[]): Finding {
  const said = bases.map(
    ({ manifestDigest, predicate: { actor, reason } }) =>
      `base model ${manifestDigest.slice(0, 12)} was revoked by ${actor}: ${reason}`,
  );
  return {
    outcome: 'fail',
    code: 'GATE_BASE_REVOKED',
    needed: NEEDED,
    found: said.toSorted().join('; '),
    evidenceDigests: [...own, ...bases.map((e) => e.digest)].toSorted(),
    fix: 'make the model again from a base that is not revoked; a revocation cannot be taken back',
  };
}
