/**
 * Runs model code as the hostile code it may be: admit by evidence, sandbox without network, record
 * every attempt to get out.
 *
 * @module
 */
export { admit } from './admit.ts';
export type { AdmissionRequest, AdmittedModel, Revocations } from './admit.ts';
export { TEST_TENANT, launchCandidate, openCandidate } from './candidate.ts';
export type { CandidateModel, CandidateRequest, TestingModel } from './candidate.ts';
export { connectSandboxSocket } from './connect.ts';
export type { EgressAttempt, EgressRuleName, EgressSubject } from './egress/attempt.ts';
export type { EgressListener } from './egress/ledger.ts';
export type { EgressRule } from './egress/rules.ts';
export { RunnerError } from './errors.ts';
export type { RunnerErrorCode } from './errors.ts';
export {
  externalServerProfile,
  ggufServerProfile,
  llamaServerProfile,
  OPENAI_ROUTES,
} from './external-server.ts';
export type { ExternalServer } from './external-server.ts';
export { launch } from './launch.ts';
export type { LaunchOptions } from './launch.ts';
export { findOnnxRuntime, onnxServerProfile } from './onnx-profile.ts';
export type { OnnxRuntime } from './onnx-profile.ts';
export type { HostMount, ServerProfile } from './sandbox/layout.ts';
export { DEFAULT_LIMITS } from './sandbox/limits.ts';
export type { EnforcedLimits, LimitedResource, ResourceLimits } from './sandbox/limits.ts';
export { probeSandbox } from './sandbox/probe.ts';
export type { SandboxSupport } from './sandbox/probe.ts';
export type { BridgeRoute, CheckResult, SelfTestReport } from './sandbox-init/plan.ts';
export type { ServingExit, ServingModel } from './serve.ts';
export { modelServerProfile, nodeServerProfile } from './server-profile.ts';
