/**
 * Registering versions and attaching evidence: the two ways in.
 *
 * Both are logged before they count, so that neither can be taken back without trace. Registration
 * wants the manifest as the verifying function returned it; the signature is verified once more at
 * every decision.
 *
 * @module
 */
import type { VerifiedManifest } from '@proofmark/artifact';
import type { Envelope } from '@proofmark/core';
import { canonicalJson, sha256Hex } from '@proofmark/core';

import type { RegistryContext } from './context.ts';
import { storedDocument } from './context.ts';
import { RegistryError } from './errors.ts';
import type { Evidence } from './evidence.ts';
import { readEvidence } from './evidence.ts';
import { manifestText } from './model-signature.ts';
import type { EvidenceRow, VersionRow } from './store.ts';
import type { ModelVersion } from './version.ts';
import { checkName, sameVersion } from './version.ts';

export interface Registration {
  readonly name: string;
  readonly version: string;
  readonly verified: VerifiedManifest;
  /** Text of the signature bundle, byte for byte as it was verified. */
  readonly bundle: string;
  readonly actor: string;
}

/**
 * Registers a version; the same digest again is the same version.
 *
 * @throws {RegistryError} REGISTRY_NAME_INVALID, REGISTRY_BUNDLE_MISMATCH, REGISTRY_VERSION_CONFLICT
 */
export async function register(
  context: RegistryContext,
  registration: Registration,
): Promise<VersionRow> {
  const version = versionOf(registration, context.clock());
  if (sha256Hex(registration.bundle) !== version.bundleDigest) {
    throw new RegistryError(
      'REGISTRY_BUNDLE_MISMATCH',
      `cannot register ${version.name}@${version.version}: the bundle is not the one that was verified; verify the folder again`,
    );
  }
  const document = storedDocument(canonicalJson(version));
  const manifest = storedDocument(manifestText(registration.verified.manifest.files));
  return context.journal.exclusively(async () => {
    const present = await context.store.version(version.name, version.version);
    if (present !== null) return keepFirst(present, version);
    const logIndex = await context.journal.write({
      digest: document.digest,
      entryKind: 'version',
      documents: [document, manifest, storedDocument(registration.bundle)],
      effect: { kind: 'version', version },
    });
    return { ...version, logIndex };
  });
}

function versionOf(registration: Registration, nowMs: number): ModelVersion {
  const { manifest, bundleDigest } = registration.verified;
  return {
    name: checkName('model', registration.name),
    version: checkName('version', registration.version),
    omsRoot: manifest.omsRoot,
    manifestDigest: manifest.manifestDigest,
    bundleDigest,
    fileCount: manifest.files.length,
    totalBytes: manifest.totalBytes,
    registeredAtMs: nowMs,
    registeredBy: checkName('actor', registration.actor),
  };
}

function keepFirst(present: VersionRow, version: ModelVersion): VersionRow {
  if (sameVersion(present, version)) return present;
  const what = present.manifestDigest === version.manifestDigest ? 'signature' : 'content';
  throw new RegistryError(
    'REGISTRY_VERSION_CONFLICT',
    `cannot register ${version.name}@${version.version}: it is registered with another ${what} (${present.manifestDigest.slice(0, 12)}, not ${version.manifestDigest.slice(0, 12)}); versions do not change, use a new one`,
  );
}

export interface Attachment {
  readonly evidence: Evidence;
  readonly row: EvidenceRow;
}

/**
 * Attaches a signed attestation; attaching it again changes nothing.
 *
 * @throws {RegistryError} REGISTRY_EVIDENCE_UNTRUSTED, REGISTRY_EVIDENCE_INVALID,
 *   REGISTRY_EVIDENCE_SUBJECT
 */
export async function attach(
  context: RegistryContext,
  envelope: Envelope,
  actor: string,
): Promise<Attachment> {
  const evidence = readEvidence(envelope, context.evidenceKeys);
  const attachedBy = checkName('actor', actor);
  return context.journal.exclusively(async () => {
    const { manifestDigest } = evidence;
    if ((await context.store.versionsOf(manifestDigest)).length === 0) {
      throw new RegistryError(
        'REGISTRY_EVIDENCE_SUBJECT',
        `cannot attach ${evidence.kind} evidence: no version has manifest ${manifestDigest.slice(0, 12)}; register the version it is about first`,
      );
    }
    const rows = await context.store.evidence(manifestDigest);
    const present = rows.find((row) => row.digest === evidence.digest);
    if (present !== undefined) return { evidence, row: present };
    const row = {
      digest: evidence.digest,
      kind: evidence.kind,
      manifestDigest,
      observedAtMs: evidence.observedAtMs,
      attachedAtMs: context.clock(),
      attachedBy,
    };
    const logIndex = await context.journal.write({
      digest: evidence.digest,
      entryKind: 'evidence',
      documents: [storedDocument(canonicalJson(envelope))],
      effect: { kind: 'evidence', evidence: row },
    });
    return { evidence, row: { ...row, logIndex } };
  });
}
