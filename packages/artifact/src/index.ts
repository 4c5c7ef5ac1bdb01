/**
 * Model folders: manifest, signature, verification, sealed bytes, scan, dependencies.
 *
 * @module
 */
export { parseBundle } from './bundle.ts';
export type { SignatureBundle, VerificationMaterial } from './bundle.ts';
export { readCertificates } from './certificate.ts';
export type { CertificateTrust, CertifiedSigner } from './certificate.ts';
export { createBom } from './bom/cyclonedx.ts';
export type { BomRequest } from './bom/cyclonedx.ts';
export { fileSource } from './bom/file-source.ts';
export { readFacts } from './bom/read-facts.ts';
export type { BomSource, BundleFacts } from './bom/read-facts.ts';
export { parseAdvisorySnapshot } from './dependencies/advisory.ts';
export type { Advisory, AdvisorySeverity, AdvisorySnapshot } from './dependencies/advisory.ts';
export type { VulnerabilityGroup } from './dependencies/alias-group.ts';
export { applyVex, readVex } from './dependencies/vex.ts';
export type { SilencedVulnerability, VexStatement } from './dependencies/vex.ts';
export { readVulnerabilityReport } from './dependencies/vulnerability-report.ts';
export type { ReportTrust, VulnerabilityReport } from './dependencies/vulnerability-report.ts';
export { readOsvArchives } from './dependencies/osv-archive.ts';
export type { OsvArchive } from './dependencies/osv-archive.ts';
export { isLockFile, parseLockFile } from './dependencies/lock-file.ts';
export { normalizePypiName, packageUrl } from './dependencies/locked-package.ts';
export type { Ecosystem, LockedPackage } from './dependencies/locked-package.ts';
export { matchDependencies } from './dependencies/match.ts';
export type { DependencyFinding, DependencyReport } from './dependencies/match.ts';
export { compareSemver, parseSemver } from './dependencies/semver.ts';
export type { SemanticVersion } from './dependencies/semver.ts';
export { compareFolder } from './difference.ts';
export type { Difference, DifferenceKind, FolderContent, FolderDifference } from './difference.ts';
export { ArtifactError } from './errors.ts';
export type { ArtifactErrorCode } from './errors.ts';
export { hashDescriptor, hashFile, openFile, openWalked } from './file-hash.ts';
export type { HashedFile } from './file-hash.ts';
export { hashFiles, hashFolder } from './hash.ts';
export type { HashOptions, HashProgress, WorkOptions } from './hash.ts';
export { checkPath, createManifest } from './manifest.ts';
export type { Manifest, ManifestFile } from './manifest.ts';
export type { SealedFile } from './sealed-file.ts';
export { openSealedStore } from './sealed-store.ts';
export type { IngestOptions, SealedEntry, SealedStore } from './sealed-store.ts';
export { signModel } from './sign.ts';
export type { SignRequest } from './sign.ts';
export { verifyFileBundle } from './sigstore/file-bundle.ts';
export type { FileSigner, FileTrust } from './sigstore/file-bundle.ts';
export { isTrustedIdentity } from './sigstore/identity-policy.ts';
export type { TrustedIdentity } from './sigstore/identity-policy.ts';
export { signModelKeyless } from './sigstore/sign-keyless.ts';
export type {
  KeylessSignRequest,
  KeylessSignature,
  SigstoreServices,
} from './sigstore/sign-keyless.ts';
export { parseTrustedRoot } from './sigstore/trusted-root.ts';
export type { TrustedRoot } from './sigstore/trusted-root.ts';
export type { KeylessSigner, KeylessTrust } from './sigstore/verify-keyless.ts';
export type { SignedResource, SignedStatement } from './statement.ts';
export { verifySigner } from './signer-identity.ts';
export type { SignatureTrust, SignerIdentity } from './signer-identity.ts';
export { checkFolder, verifyBundle, verifyManifest, verifyModel } from './verify.ts';
export type { FolderReport, VerifiedManifest, VerifiedSignature } from './verify.ts';
export { DEFAULT_IGNORED, listFolder, walkFolder } from './walk.ts';
export type { FolderListing, RefusedEntry, WalkOptions, WalkedFile } from './walk.ts';
export { bytesSource, sliceSource } from './scan/byte-source.ts';
export type { ByteSource } from './scan/byte-source.ts';
export { ScanError } from './scan/errors.ts';
export type { ScanErrorCode } from './scan/errors.ts';
export { DEFAULT_LIMITS } from './scan/report.ts';
export type {
  FileReport,
  FileVerdict,
  Finding,
  ScanLimits,
  ScanReport,
  ScanSummary,
  ScanVerdict,
  Severity,
} from './scan/report.ts';
export { RULES, findRule } from './scan/rules.ts';
export type { Rule, RuleId } from './scan/rules.ts';
export { rulesetDigest } from './scan/ruleset.ts';
export { scanFiles } from './scan/scan-files.ts';
export type { ScanFile, ScanOptions } from './scan/scan-files.ts';
export { scanFolder } from './scan-folder.ts';
export type { ScanFolderOptions, ScanProgress } from './scan-folder.ts';
export { SCAN_PREDICATE_TYPE, scanPredicate, toSarif } from './sarif.ts';
