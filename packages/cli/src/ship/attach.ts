/**
 * Signs what was found out about a version with the key of a role and attaches it.
 *
 * A piece is made only when there is none that still counts, and "still counts" is the gate's own
 * answer: the rule passes on what is attached now. So a second run repeats nothing, and a run that
 * was killed makes only what is missing.
 *
 * Without scanner, sandbox and evaluators: most verbs only attach what is there already.
 *
 * @module
 */
import type { JsonObject } from '@proofmark/core';
import type {
  Attachment,
  DependenciesPredicate,
  GatePolicy,
  Predicates,
  RuleName,
  VersionRow,
} from '@proofmark/registry';
import { identityOf, signEvidence } from '@proofmark/registry';

import type { Installation } from '../installation.ts';
import type { KeyRole } from '../keyring.ts';

export interface EvidenceContext {
  readonly installation: Installation;
  readonly row: VersionRow;
  readonly policy: GatePolicy;
  readonly actor: string;
  readonly signal: AbortSignal;
}

/** Whether a rule passes on what is attached now. */
export async function isSatisfied(
  { installation, row, policy }: EvidenceContext,
  rule: RuleName,
): Promise<boolean> {
  const decision = await installation.registry.decide(row.name, row.version, policy);
  return decision.rules.find((result) => result.rule === rule)?.outcome === 'pass';
}

/** Signs a statement with the key of a role and attaches it. */
export async function attachEvidence<Kind extends keyof Predicates>(
  context: Pick<EvidenceContext, 'installation' | 'row' | 'actor'>,
  kind: Kind,
  predicate: Predicates[Kind],
  role: KeyRole,
): Promise<Attachment> {
  const { installation, row, actor } = context;
  const signer = installation.signer(role);
  const envelope = await signEvidence(kind, predicate, identityOf(row), [signer]);
  return installation.registry.attach(envelope, actor);
}

/** Attaches what a scanner's report came to. */
export function attachReport(
  context: EvidenceContext,
  predicate: DependenciesPredicate,
): Promise<Attachment> {
  return attachEvidence(context, 'dependencies', predicate, 'scanner');
}

/** How old the secrets are, said by who tests the deployment. */
export function attachSecrets(
  context: EvidenceContext,
  predicate: Predicates['secrets'],
): Promise<Attachment> {
  return attachEvidence(context, 'secrets', predicate, 'tester');
}

/** Attaches what a builder's statement came to. */
export function attachProvenance(
  context: EvidenceContext,
  predicate: Predicates['provenance'],
): Promise<Attachment> {
  return attachEvidence(context, 'provenance', predicate, 'scanner');
}

/** Signs a bill of materials as the scanner does: it states what was read from the same bytes. */
export async function attachBom(
  context: EvidenceContext,
  document: JsonObject,
  createdAtMs: number,
): Promise<void> {
  const components = document['components'];
  const componentCount = Array.isArray(components) ? components.length : 0;
  const predicate = { specVersion: '1.6', componentCount, createdAtMs, document };
  await attachEvidence(context, 'bom', predicate, 'scanner');
}

/** Signs what a shadow run shows: the raw differences, from which the gate computes everything. */
export function attachShadow(
  context: Pick<EvidenceContext, 'installation' | 'row' | 'actor'>,
  predicate: Predicates['shadow'],
): Promise<Attachment> {
  return attachEvidence(context, 'shadow', predicate, 'tester');
}
