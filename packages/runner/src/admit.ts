/**
 * Decides whether a model may run here, from signed documents and sealed bytes alone.
 *
 * In order, and every step must hold: the model signature is by a trusted signer; the promotion
 * record is by a trusted control plane, is about this very signature and manifest, and is for this
 * environment; neither is revoked; the record is in the transparency log; every sealed file hashes,
 * through the descriptor that will be mounted, to what was signed, and no file is missing or extra.
 *
 * Only `admit` makes an `AdmittedModel`, and `launch` accepts nothing else. It asks no server: the
 * documents, the store and the caller's trust decide, so the answer is the same when the control
 * plane is down.
 *
 * Not covered: somebody with the store owner's uid or root on the host can change bytes afterwards;
 * the integrity watch notices what the kernel lets it see (docs/spec/sandbox.md).
 *
 * @module
 */
import { verifyBundle, verifyManifest } from '@proofmark/artifact';
import type {
  Manifest,
  SealedStore,
  SignatureTrust,
  SignerIdentity,
  VerifiedSignature,
} from '@proofmark/artifact';
import type { Envelope, ModelIdentity, PublicKey } from '@proofmark/core';
import { encodeEntry, verifyTlogProof } from '@proofmark/tlog';
import type { LogTrust, TlogPolicy } from '@proofmark/tlog';

import { RunnerError } from './errors.ts';
import { assertNoDrift } from './integrity.ts';
import { readPromotionRecord } from './promotion-record.ts';
import type { TrustedRecord } from './promotion-record.ts';
import { closeAll, hashSealed, openSealed } from './sealed-files.ts';
import type { VerifiedFile } from './serve.ts';

export interface AdmissionRequest {
  /** Text of the model's signature bundle. */
  readonly bundle: string;
  readonly trust: SignatureTrust;
  readonly store: Pick<SealedStore, 'open'>;
  /** The promotion or rollback record. */
  readonly record: Envelope;
  /** Keys of the control planes that may promote. */
  readonly recordTrust: readonly PublicKey[];
  /** `.tlog-proof` text for the record's log entry. */
  readonly proof: string;
  readonly logPolicy: LogTrust | TlogPolicy;
  /** Where this runner serves; the record must name the same. */
  readonly environment: string;
  readonly revoked: Revocations;
}

/** What must not run although its signatures verify. Digests and key ids, lowercase hex. */
export interface Revocations {
  readonly manifestDigests: ReadonlySet<string>;
  readonly recordDigests: ReadonlySet<string>;
  readonly keyIds: ReadonlySet<string>;
}

declare const admitted: unique symbol;

/** A model version that may run in this environment, with its verified bytes open. */
export interface AdmittedModel {
  readonly [admitted]: true;
  readonly model: ModelIdentity & { readonly version: string };
  readonly environment: string;
  readonly alias: string;
  readonly generation: number;
  readonly policyDigest: string;
  readonly recordDigest: string;
  /** Index of the record in the log. */
  readonly logIndex: number;
  readonly bundleDigest: string;
  readonly signer: SignerIdentity;
  readonly files: readonly VerifiedFile[];
  readonly totalBytes: number;
  /** Closes the descriptors; call after the last sandbox that serves it has ended. */
  close(): void;
}

/** Made here, so no cast elsewhere can forge one. */
const made = new WeakSet<AdmittedModel>();

/**
 * @throws {RunnerError} RUNNER_NOT_ADMITTED, RUNNER_RECORD_MISMATCH, RUNNER_REVOKED,
 *   RUNNER_INTEGRITY_DRIFT
 * @throws {ArtifactError} for the model signature and the sealed bytes
 * @throws {TlogError} for the proof
 * @throws {CoreError} for the record's envelope
 */
export async function admit(request: AdmissionRequest): Promise<AdmittedModel> {
  const signature = verifyBundle(request.bundle, request.trust);
  const record = readPromotionRecord(request.record, request.recordTrust);
  checkRecord(record, signature, request.environment);
  checkRevocations(record, signature, request.revoked);
  const entry = encodeEntry({ kind: record.action, digest: record.digest });
  const proven = verifyTlogProof(request.proof, entry, request.logPolicy);
  const opened = openSealed(signature, request.store);
  try {
    const { manifest, files } = await hashSealed(signature, opened);
    const { signer, bundleDigest } = verifyManifest(manifest, request.bundle, request.trust);
    checkManifest(record, manifest);
    assertNoDrift(files);
    const model: Omit<AdmittedModel, typeof admitted> = Object.freeze({
      model: Object.freeze({
        name: record.name,
        version: record.version,
        omsRoot: manifest.omsRoot,
        manifestDigest: manifest.manifestDigest,
      }),
      environment: record.environment,
      alias: record.alias,
      generation: record.generation,
      policyDigest: record.policyDigest,
      recordDigest: record.digest,
      logIndex: proven.index,
      bundleDigest,
      signer,
      files: Object.freeze(files),
      totalBytes: manifest.totalBytes,
      close: () => closeAll(opened),
    });
    made.add(model as AdmittedModel);
    return model as AdmittedModel;
  } catch (cause) {
    closeAll(opened);
    throw cause;
  }
}

/** @throws {RunnerError} RUNNER_NOT_ADMITTED for anything that `admit` did not return */
export function assertAdmitted(model: AdmittedModel): void {
  if (made.has(model)) return;
  throw new RunnerError(
    'RUNNER_NOT_ADMITTED',
    'cannot serve the model: it was not admitted; call admit with its signature, record and proof',
  );
}

function checkRecord(
  record: TrustedRecord,
  signature: VerifiedSignature,
  environment: string,
): void {
  if (record.environment !== environment) {
    throw mismatch(`it is for the environment "${record.environment}", not "${environment}"`);
  }
  if (record.bundleDigest !== signature.bundleDigest) {
    throw mismatch('it is about another signature bundle than the one presented');
  }
}

function checkManifest(record: TrustedRecord, manifest: Manifest): void {
  // The manifest digest alone decides: the OMS root depends on the producer's order of files.
  if (record.manifestDigest !== manifest.manifestDigest) {
    throw mismatch(
      `it promotes manifest ${record.manifestDigest.slice(0, 12)}, and the sealed files are ${manifest.manifestDigest.slice(0, 12)}`,
    );
  }
}

function checkRevocations(
  record: TrustedRecord,
  signature: VerifiedSignature,
  revoked: Revocations,
): void {
  const keyIds = [signature.signer.keyId, ...record.keyIds];
  const what = revoked.manifestDigests.has(record.manifestDigest)
    ? 'the model version'
    : revoked.recordDigests.has(record.digest)
      ? 'the promotion record'
      : keyIds.some((keyId) => revoked.keyIds.has(keyId))
        ? 'a key that signed it'
        : null;
  if (what === null) return;
  throw new RunnerError(
    'RUNNER_REVOKED',
    `cannot admit the model: ${what} is revoked; roll back to a version that is not`,
    { details: { manifestDigest: record.manifestDigest } },
  );
}

function mismatch(why: string): RunnerError {
  return new RunnerError(
    'RUNNER_RECORD_MISMATCH',
    `cannot admit the model: its promotion record does not fit: ${why}; use the record that promoted this version to this environment`,
  );
}
