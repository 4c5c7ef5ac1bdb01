/**
 * Makes the evidence a gate asks for, each piece only when there is none that still counts.
 *
 * "Still counts" is the gate's own answer: the rule passes on what is attached now. So a second run
 * repeats nothing, and a run that was killed makes only what is missing.
 *
 * @module
 */
import type { Envelope, JsonObject, ModelIdentity, Signer } from '@proofmark/core';
import type {
  Attachment,
  DependenciesPredicate,
  Predicates,
  RuleName,
  VersionRow,
  Decision,
} from '@proofmark/registry';
import { evidenceToApprove, identityOf, signEvidence, signatureTrust } from '@proofmark/registry';
import type { GatePolicy } from '@proofmark/registry';
import type { ServerProfile } from '@proofmark/runner';
import { launchCandidate, openCandidate } from '@proofmark/runner';

import { runDependencyCheck } from '../evidence/dependency-evidence.ts';
import { runRegression } from '../evidence/regression-evidence.ts';
import type { RegressionRun } from '../evidence/regression-evidence.ts';
import type { ScoringTier } from '../evaluators.ts';
import { runScan } from '../evidence/scan-evidence.ts';
import type { ScanRun } from '../evidence/scan-evidence.ts';
import type { Installation } from '../installation.ts';
import type { KeyRole } from '../keyring.ts';
import { askModel } from '../model-client.ts';
import type { Progress } from '../terminal/progress.ts';

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
async function attachEvidence<Kind extends keyof Predicates>(
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

export async function attachScan(
  context: EvidenceContext,
  folder: string,
  progress: Progress,
): Promise<ScanRun> {
  const { installation, row, signal } = context;
  const run = await runScan(folder, {
    totalBytes: row.totalBytes,
    clock: installation.clock,
    signal,
    onProgress: (done, total) => progress.update(done, total),
  });
  await attachEvidence(context, 'scan', run.predicate, 'scanner');
  return run;
}

export async function attachDependencies(
  context: EvidenceContext,
  lockFiles: readonly string[],
  advisoryFile: string,
): Promise<ReturnType<typeof runDependencyCheck>> {
  const run = runDependencyCheck(lockFiles, advisoryFile, context.installation.clock);
  await attachEvidence(context, 'dependencies', run.predicate, 'scanner');
  return run;
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

export interface TestSetup {
  readonly server: ServerProfile;
  readonly suiteFile: string;
  readonly maxTokens: number;
  readonly tier: ScoringTier;
}

/** Runs the suite against the candidate in its sandbox. */
export async function attachRegression(
  context: EvidenceContext,
  setup: TestSetup,
  progress: Progress,
): Promise<RegressionRun> {
  const { installation, row, policy, signal } = context;
  const bundle = (await installation.registry.store.document(row.bundleDigest)) ?? '';
  const candidate = await openCandidate({
    name: row.name,
    version: row.version,
    bundle,
    trust: signatureTrust(policy, installation.clock()),
    store: installation.sealed,
  });
  try {
    const testing = await launchCandidate(candidate, {
      runRoot: installation.folder.run,
      server: setup.server,
      clock: installation.clock,
    });
    try {
      const run = await runRegression({
        suiteFile: setup.suiteFile,
        manifestDigest: row.manifestDigest,
        resultsFolder: installation.folder.results,
        concurrency: 2,
        tier: setup.tier,
        clock: installation.clock,
        signal,
        generate: (messages, abort) =>
          askModel(messages, {
            connect: () => testing.connect(),
            maxTokens: setup.maxTokens,
            signal: abort,
          }),
        onProgress: ({ done, total, failing }) =>
          progress.update(done, total, failing === 0 ? '' : `${failing} failing`),
      });
      await attachEvidence(context, 'regression', run.predicate, 'tester');
      return run;
    } finally {
      await testing.stop();
    }
  } finally {
    candidate.close();
  }
}

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
