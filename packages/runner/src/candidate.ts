/**
 * A candidate: signed and sealed, and not promoted. It may run in the sandbox so that it can be
 * tested; it may never answer a user.
 *
 * The regression suite needs the model to run before there is a promotion to admit it by. A
 * candidate has the same verified bytes and the same sandbox as a promoted model, its own type, and
 * a tenant that no user has; nothing turns a candidate into an `AdmittedModel`.
 *
 * @module
 */
import { verifyBundle, verifyManifest } from '@proofmark/artifact';
import type { SealedStore, SignatureTrust } from '@proofmark/artifact';
import type { ModelIdentity } from '@proofmark/core';

import { RunnerError } from './errors.ts';
import { assertNoDrift } from './integrity.ts';
import { closeAll, hashSealed, openSealed } from './sealed-files.ts';
import { serve } from './serve.ts';
import type { ServeOptions, ServingModel, VerifiedFile } from './serve.ts';

export interface CandidateRequest {
  /** Labels for records of the run; the digests are the identity. */
  readonly name: string;
  readonly version: string;
  /** Text of the model's signature bundle. */
  readonly bundle: string;
  readonly trust: SignatureTrust;
  readonly store: Pick<SealedStore, 'open'>;
}

declare const candidate: unique symbol;

/** A signed model whose verified bytes are open, to be tested. */
export interface CandidateModel {
  readonly [candidate]: true;
  readonly model: ModelIdentity & { readonly version: string };
  readonly files: readonly VerifiedFile[];
  /** Closes the descriptors; call after the sandbox has ended. */
  close(): void;
}

/** A candidate that runs. It is no `ServingModel`: a route cannot be made of it. */
export type TestingModel = Pick<
  ServingModel,
  | 'connect'
  | 'onEgress'
  | 'stop'
  | 'exited'
  | 'selfTest'
  | 'enforcedLimits'
  | 'startMs'
  | 'outputTail'
>;

/** The tenant of test runs; no API key can name it. */
export const TEST_TENANT = 'proofmark-test';

/** Made here, so no cast elsewhere can forge one. */
const made = new WeakSet<CandidateModel>();

/**
 * Verifies signature and bytes of a model that is to be tested.
 *
 * @throws {ArtifactError} for the signature and the sealed bytes
 * @throws {RunnerError} RUNNER_INTEGRITY_DRIFT
 */
export async function openCandidate(request: CandidateRequest): Promise<CandidateModel> {
  const signature = verifyBundle(request.bundle, request.trust);
  const opened = openSealed(signature, request.store);
  try {
    const { manifest, files } = await hashSealed(signature, opened);
    verifyManifest(manifest, request.bundle, request.trust);
    assertNoDrift(files);
    const model: Omit<CandidateModel, typeof candidate> = Object.freeze({
      model: Object.freeze({
        name: request.name,
        version: request.version,
        omsRoot: manifest.omsRoot,
        manifestDigest: manifest.manifestDigest,
      }),
      files: Object.freeze(files),
      close: () => closeAll(opened),
    });
    made.add(model as CandidateModel);
    return model as CandidateModel;
  } catch (cause) {
    closeAll(opened);
    throw cause;
  }
}

/** Starts a candidate in its sandbox. @throws {RunnerError} as `launch` */
export async function launchCandidate(
  model: CandidateModel,
  options: Omit<ServeOptions, 'tenant'>,
): Promise<TestingModel> {
  if (!made.has(model)) {
    throw new RunnerError(
      'RUNNER_NOT_ADMITTED',
      'cannot test the model: it was not opened as a candidate; call openCandidate first',
    );
  }
  const { name, version, manifestDigest } = model.model;
  const subject = { tenant: TEST_TENANT, model: name, version, manifestDigest };
  return serve(subject, model.files, { ...options, tenant: TEST_TENANT });
}
