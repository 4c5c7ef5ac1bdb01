/**
 * Starts the server of an admitted model in its sandbox.
 *
 * The one door to `serve`: what `admit` did not make is refused, whatever its type says. Restarting
 * after an end is the caller's policy; admit again first, since a revocation may have come.
 *
 * @module
 */
import { assertAdmitted } from './admit.ts';
import type { AdmittedModel } from './admit.ts';
import { serve } from './serve.ts';
import type { ServeOptions, ServingModel } from './serve.ts';

export type LaunchOptions = ServeOptions;

/**
 * @throws {RunnerError} RUNNER_NOT_ADMITTED, RUNNER_SANDBOX_UNAVAILABLE, RUNNER_SELF_TEST_FAILED,
 *   RUNNER_START_FAILED, RUNNER_MODEL_MISMATCH, RUNNER_INTEGRITY_DRIFT, RUNNER_LIMIT_UNAVAILABLE,
 *   RUNNER_PROFILE_INVALID, RUNNER_BINARY_UNSUPPORTED, RUNNER_EGRESS_RULE_INVALID
 */
export async function launch(
  admitted: AdmittedModel,
  options: LaunchOptions,
): Promise<ServingModel> {
  assertAdmitted(admitted);
  const { name, version, manifestDigest } = admitted.model;
  const subject = { tenant: options.tenant, model: name, version, manifestDigest };
  return serve(subject, admitted.files, options);
}
