/**
 * Model versions, evidence, gates, promotion.
 *
 * @module
 */
export { memoryCredentialStore, metadataOf } from './access/credential.ts';
export type {
  Credential,
  CredentialMetadata,
  CredentialStore,
  NewCredential,
} from './access/credential.ts';
export { openCredentials } from './access/credentials.ts';
export type {
  Authentication,
  Credentials,
  CredentialsOptions,
  Issued,
  Principal,
  SessionRequest,
  TokenRequest,
} from './access/credentials.ts';
export { ACCESS_PAYLOAD_TYPE, readAccessEvent } from './access/event.ts';
export type { AccessEvent } from './access/event.ts';
export { covers, describeGrants, permit, readGrant } from './access/grant.ts';
export type { Grant, Permit, Target } from './access/grant.ts';
export { createPeople } from './access/people.ts';
export type { People, Person } from './access/people.ts';
export { ACTIONS, PERMISSIONS, ROLES } from './access/role.ts';
export type { Action, Role } from './access/role.ts';
export { parseTokenText } from './access/token-text.ts';
export type { CredentialKind, TokenText } from './access/token-text.ts';
export { writerOf } from './access/writer.ts';
export { aliasAfter, aliasAsMoved, aliasMoved, aliasOf } from './alias.ts';
export { aliasName, pointedAt } from './alias-move.ts';
export type { AliasRequest } from './alias-move.ts';
export type { Audit, AuditFinding } from './audit.ts';
export { RegistryError } from './errors.ts';
export type { RegistryErrorCode } from './errors.ts';
export { EVIDENCE_KINDS, readEvidence, readEvidenceEnvelope, signEvidence } from './evidence.ts';
export type { BrokenCode } from './evidence-fault.ts';
export type { Evidence, EvidenceKind, EvidenceOf, Predicates } from './evidence.ts';
export { explainDecision } from './explain.ts';
export { EXPORT_FORMAT, readExport, readExportText, writeExport } from './decision-export.ts';
export type { DecisionExport, ExportedRecord } from './decision-export.ts';
export { judgeExport, verifyExport } from './verify-export.ts';
export type { ExportTrust, VerifiedDecision } from './verify-export.ts';
export type {
  ByteStore,
  Collection,
  GcSettings,
  PlanRequest,
  PlannedCollection,
} from './gc/collect.ts';
export type { GcPlan, KeptManifest, PlannedVersion, StoredBytes } from './gc/plan.ts';
export type { OutsideRoots, RetentionPolicy } from './gc/root.ts';
export { evidenceAbout, trustRevocations } from './context.ts';
export { readGateEvidence } from './gate-evidence.ts';
export type { AttachedText, GateDocuments, GateInput } from './gate-evidence.ts';
export { lowerBoundOfSuccess, upperBound } from './gates/clopper-pearson.ts';
export type { CompileRule, CompiledRule, CustomRule } from './gates/custom-rule.ts';
export { decide, evidenceToApprove } from './gates/decide.ts';
export type { Decision } from './gates/decide.ts';
export { confidencePath, confidenceSequence } from './gates/confidence-sequence.ts';
export type { Interval } from './gates/confidence-sequence.ts';
export {
  harm,
  harmPath,
  nonInferiority,
  nonInferiorityPath,
  sessionsToGo,
} from './gates/e-value.ts';
export type { EProcess } from './gates/e-value.ts';
export { keyring, readGatePolicy } from './gates/policy.ts';
export type { GatePolicy } from './gates/policy.ts';
export { decideRollback } from './gates/rollback.ts';
export type { FormerPromotion, RollbackDecision } from './gates/rollback.ts';
export { RULE_NAMES } from './gates/rule-result.ts';
export type {
  BrokenEvidence,
  ForeignEvidence,
  Finding,
  GateCode,
  GateContext,
  GateEvidence,
  GateSubject,
  RuleName,
  RuleOutcome,
  RuleResult,
  SignatureFact,
} from './gates/rule-result.ts';
export type { Rules, ShadowRule } from './gates/rules.ts';
export { judgeShadow, shadowSpecDigest } from './gates/rules/shadow.ts';
export {
  HOSTED_RELEASE_FILE,
  hostedReleaseText,
  parseHostedRelease,
  readHostedRelease,
} from './hosted/release.ts';
export type { HostedRelease, HostedTool } from './hosted/release.ts';
export type { LoggedRefusals, Refusals } from './access/refusals.ts';
export { revokedTrust } from './trust-revocation.ts';
export type { RevokedTrust } from './trust-revocation.ts';
export { readTrustRevocation, signTrustRevocation } from './trust-statement.ts';
export type { TrustRevocation } from './trust-statement.ts';
export type { Recovery } from './journal.ts';
export type { BaseClaim, BaseRequest, Lineage, LineageNode } from './lineage.ts';
export type { MarkRequest } from './mark.ts';
export { memoryStore } from './memory-store.ts';
export {
  checkModelSignature,
  manifestText,
  readManifestText,
  signatureTrust,
} from './model-signature.ts';
export type { ModelSignature } from './model-signature.ts';
export type { ApprovalPredicate } from './predicates/approval.ts';
export type { BomPredicate } from './predicates/bom.ts';
export type {
  DependenciesPredicate,
  SilencedVulnerability,
  Vulnerability,
} from './predicates/dependencies.ts';
export type { EvaluatorReference } from './predicates/evaluator.ts';
export { readBuilderStatement } from './predicates/provenance.ts';
export type { BuilderStatement, ProvenancePredicate } from './predicates/provenance.ts';
export type { FamilyCounts, RegressionPredicate } from './predicates/regression.ts';
export { revokesModel } from './predicates/revocation.ts';
export type { RevocationPredicate } from './predicates/revocation.ts';
export type { ScanOutcome, ScanPredicate } from './predicates/scan.ts';
export type { SecretAge, SecretsPredicate } from './predicates/secrets.ts';
export type { ShadowEvaluator, ShadowPredicate } from './predicates/shadow.ts';
export {
  DENIAL_PREDICATE_TYPE,
  SVR_PREDICATE_TYPE,
  envelopeDigest,
  readRecord,
  recordEntry,
  signRecord,
} from './promotion-record.ts';
export type { PromotionRecord, RecordAction } from './promotion-record.ts';
export type { MoveRequest, MoveResult } from './promotion.ts';
export { recordLog } from './record-log.ts';
export type { RecordLog } from './record-log.ts';
export type { Attachment, Registration } from './registration.ts';
export { openRegistry } from './registry.ts';
export type { Registry, RegistryOptions } from './registry.ts';
export { revocationOf } from './revocation.ts';
export type { ModelRevocation } from './revocation.ts';
export { highestIn, isRange } from './semantic-label.ts';
export { shadowEvidence } from './shadow-run.ts';
export type { ScoredPair, ShadowRunFacts, ShadowSummary } from './shadow-run.ts';
export type {
  AliasChange,
  AliasFilter,
  AliasMoveRow,
  AliasRow,
  BaseRow,
  BaseSource,
  CollectionRow,
  Effect,
  EvidenceRow,
  MarkChange,
  NoticeKind,
  NoticeRow,
  Marks,
  PendingEntry,
  RecordFilter,
  RecordRow,
  RegistryStore,
  Settlement,
  StoredDocument,
  VersionFilter,
  VersionRow,
  VersionState,
  VersionSummary,
} from './store.ts';
export { ACTOR, LABEL, MODEL_NAME, MODEL_VERSION, checkName, identityOf } from './version.ts';
export type { ModelVersion, NameKind } from './version.ts';
export type { VersionPage } from './version-page.ts';
export { VERSION_STATES, labelFilter, versionState } from './version-page.ts';
