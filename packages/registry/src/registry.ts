/**
 * The registry: versions, evidence, decisions, aliases.
 *
 * `openRegistry` first resolves whatever a crash left half-done. Any number of processes may open a
 * registry over the same store and log.
 *
 * @module
 */
import type { Clock, Envelope, PublicKey, Signer } from '@proofmark/core';
import { canonicalJson } from '@proofmark/core';

import { signAccessEvent } from './access/event.ts';
import type { AccessEvent } from './access/event.ts';
import { listRefusals, recordRefusals } from './access/refusals.ts';
import type { LoggedRefusals, Refusals } from './access/refusals.ts';
import type { AliasRequest } from './alias-move.ts';
import { setAlias } from './alias-move.ts';
import type { Audit } from './audit.ts';
import { audit } from './audit.ts';
import type { RegistryContext } from './context.ts';
import { documentsAbout, requireVersion, storedDocument, subjectOf } from './context.ts';
import type { DecisionExport } from './decision-export.ts';
import { exportDecision } from './export.ts';
import type { Collection, GcSettings, PlanRequest, PlannedCollection } from './gc/collect.ts';
import { planCollection, runCollection } from './gc/collect.ts';
import { readGateEvidence } from './gate-evidence.ts';
import type { CompileRule } from './gates/custom-rule.ts';
import type { Decision } from './gates/decide.ts';
import { decide } from './gates/decide.ts';
import type { GatePolicy } from './gates/policy.ts';
import type { Recovery } from './journal.ts';
import { openJournal } from './journal.ts';
import type { BaseRequest, Lineage } from './lineage.ts';
import { addBases, lineageOf } from './lineage.ts';
import type { MarkRequest } from './mark.ts';
import { mark } from './mark.ts';
import type { MoveRequest, MoveResult } from './promotion.ts';
import { promote, recordsOf, rollback } from './promotion.ts';
import type { RecordLog } from './record-log.ts';
import type { Attaching, Attachment, Registration } from './registration.ts';
import { attach, attachAll, register, registerAll } from './registration.ts';
import type {
  AliasRow,
  Marks,
  RecordRow,
  RegistryStore,
  VersionFilter,
  VersionRow,
} from './store.ts';
import { revokeTrust } from './trust-revocation.ts';
import type { AdmitRevocation } from './trust-revocation.ts';
import type { VersionPage } from './version-page.ts';
import { pageOf } from './version-page.ts';

export interface RegistryOptions {
  readonly store: RegistryStore;
  readonly log: RecordLog;
  /** Signs records. Its public key is what a runner trusts. */
  readonly signer: Signer;
  /** Keys whose evidence may be attached: those that any policy in use names. */
  readonly evidenceKeys: readonly PublicKey[];
  readonly clock: Clock;
  /** URI of this control plane, written into records. */
  readonly verifierId: string;
  /** Aliases that routes serve, as `ENVIRONMENT/ALIAS`: moved by records only, like `live`. */
  readonly guardedAliases?: ReadonlySet<string>;
  /** Whether the bytes of a file are here: no alias moves to a version that lacks some. */
  readonly hasBytes?: (sha256: string) => boolean;
  /** Compiles rules of a policy's own; without it such policies are refused. */
  readonly compileRule?: CompileRule;
}

export interface Registry {
  /** What `openRegistry` found half-done. */
  readonly recovered: Recovery;
  /** Direct reads; writing past the registry breaks its promises. */
  readonly store: RegistryStore;
  register(registration: Registration): Promise<VersionRow>;
  /** Up to 1000 versions as one batch, or none of them. */
  registerAll(registrations: readonly Registration[]): Promise<readonly VersionRow[]>;
  /** `admit` is told what was verified, before it counts; it throws to refuse. */
  attach(envelope: Envelope, actor: string, admit?: Attaching['admit']): Promise<Attachment>;
  /** Up to 1000 attestations as one batch, or none of them. */
  attachAll(envelopes: readonly Envelope[], actor: string): Promise<readonly Attachment[]>;
  /** Versions that match, newest first, with what a list shows about them. */
  search(filter: VersionFilter): Promise<VersionPage>;
  /** Sets or takes away a tag or label. */
  mark(request: MarkRequest): Promise<Marks>;
  /** Points an alias without protection to a version. */
  setAlias(request: AliasRequest): Promise<AliasRow>;
  /** States what a registered version is made from. */
  addBases(request: BaseRequest): Promise<Lineage>;
  /** Ancestors and descendants of a version. @throws {RegistryError} REGISTRY_NOT_FOUND */
  lineage(name: string, version: string): Promise<Lineage>;
  /**
   * Judges a version now, records nothing.
   *
   * @param alias that it would be promoted to, default `live`
   */
  decide(name: string, version: string, policy: GatePolicy, alias?: string): Promise<Decision>;
  promote(request: MoveRequest): Promise<MoveResult>;
  rollback(request: MoveRequest): Promise<MoveResult>;
  /** The record whose version an alias served at a time, null before its first promotion. */
  liveAt(environment: string, alias: string, atMs: number): Promise<RecordRow | null>;
  /** First phase of garbage collection: what would go, signed; changes nothing. */
  planCollection(request: PlanRequest): Promise<PlannedCollection>;
  /** Second phase: removes what the plan names and nothing needs now. */
  runCollection(planText: string, settings: GcSettings): Promise<Collection>;
  /** Everything needed to check a recorded decision on another machine. */
  exportDecision(recordDigest: string): Promise<DecisionExport>;
  /** `.tlog-proof` text of a log entry. */
  proof(logIndex: number): Promise<string>;
  audit(fromIndex?: number): Promise<Audit>;
  /** Signs and logs refused logins, counted; resolves to the index of the entry. */
  recordRefusals(refusals: Refusals): Promise<number>;
  /** Newest first. */
  refusals(limit: number): Promise<readonly LoggedRefusals[]>;
  /** Logs that a key or a record counts no more; resolves to the index of its entry. */
  revokeTrust(revocation: Envelope, admit?: AdmitRevocation): Promise<number>;
  /** Signs and logs what happened to a credential; resolves to the index of its entry. */
  recordAccess(event: AccessEvent): Promise<number>;
}

export async function openRegistry(options: RegistryOptions): Promise<Registry> {
  const journal = openJournal(options.store, options.log);
  const context: RegistryContext = { ...options, journal };
  const recovered = await journal.recover();
  return Object.freeze({
    recovered,
    store: options.store,
    register: (registration) => register(context, registration),
    registerAll: (registrations) => registerAll(context, registrations),
    attach: (envelope, actor, admit) =>
      attach(context, envelope, admit === undefined ? { actor } : { actor, admit }),
    attachAll: (envelopes, actor) => attachAll(context, envelopes, { actor }),
    search: (filter) => pageOf(options.store, filter),
    mark: (request) => mark(context, request),
    setAlias: (request) => setAlias(context, request),
    addBases: (request) => addBases(context, request),
    lineage: async (name, version) =>
      lineageOf(options.store, await requireVersion(options.store, name, version)),
    decide: (name, version, policy, alias = 'live') =>
      decideNow(context, { name, version }, policy, alias),
    promote: (request) => promote(context, request),
    rollback: (request) => rollback(context, request),
    liveAt: (environment, alias, atMs) => liveAt(context, environment, alias, atMs),
    planCollection: (request) => planCollection(context, request),
    runCollection: (planText, settings) => runCollection(context, planText, settings),
    exportDecision: (recordDigest) => exportDecision(context, recordDigest),
    proof: (logIndex) => options.log.proof(logIndex),
    audit: (fromIndex = 0) => audit(options.store, options.log, fromIndex),
    recordRefusals: (refusals) => recordRefusals(context, refusals),
    refusals: (limit) => listRefusals(context, limit),
    revokeTrust: (revocation, admit) => revokeTrust(context, revocation, admit),
    recordAccess: (event) => recordAccess(context, event),
  } satisfies Registry);
}

async function decideNow(
  context: RegistryContext,
  { name, version }: { readonly name: string; readonly version: string },
  policy: GatePolicy,
  alias: string,
): Promise<Decision> {
  const row = await requireVersion(context.store, name, version);
  const current = await context.store.alias(policy.environment, alias);
  const subject = await subjectOf(context.store, row, current?.manifestDigest ?? null);
  const nowMs = context.clock();
  const evidence = readGateEvidence({
    policy,
    subject,
    documents: await documentsAbout(context.store, row),
    nowMs,
  });
  return decide(policy, evidence, subject, nowMs);
}

async function recordAccess(context: RegistryContext, event: AccessEvent): Promise<number> {
  const document = storedDocument(canonicalJson(await signAccessEvent(event, context.signer)));
  return context.journal.exclusively(() =>
    context.journal.write({
      digest: document.digest,
      entryKind: 'access',
      documents: [document],
      effect: { kind: 'document' },
    }),
  );
}

async function liveAt(
  context: RegistryContext,
  environment: string,
  alias: string,
  atMs: number,
): Promise<RecordRow | null> {
  for await (const row of recordsOf(context.store, { environment, alias })) {
    if (row.action !== 'denial' && row.decidedAtMs <= atMs) return row;
  }
  return null;
}
