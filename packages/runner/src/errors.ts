/**
 * Expected failures of the runner.
 *
 * @module
 */
import { CodedError } from '@proofmark/core';

export type RunnerErrorCode =
  /** The bytes, the signature, the promotion record or the log proof do not admit this model here. */
  | 'RUNNER_NOT_ADMITTED'
  /** The promotion record names another environment, or another model than the signature. */
  | 'RUNNER_RECORD_MISMATCH'
  /** The promotion record, the model or the key was revoked. */
  | 'RUNNER_REVOKED'
  /** A sealed file changed: other bytes, size, inode or change time than verified. */
  | 'RUNNER_INTEGRITY_DRIFT'
  /** bubblewrap is missing, too old, or may not create namespaces on this host. */
  | 'RUNNER_SANDBOX_UNAVAILABLE'
  /** The self-test inside the sandbox found an open door, or did not report. */
  | 'RUNNER_SELF_TEST_FAILED'
  /** The server ended or did not say that it is ready in time. */
  | 'RUNNER_START_FAILED'
  /** The server loaded other files than the manifest lists. */
  | 'RUNNER_MODEL_MISMATCH'
  /** A required resource limit cannot be enforced on this host. */
  | 'RUNNER_LIMIT_UNAVAILABLE'
  /** The profile is not valid: a relative path, too many files, an unknown architecture. */
  | 'RUNNER_PROFILE_INVALID'
  /** The socket of the sandbox is not a socket that the sandbox owns, or nothing listens on it. */
  | 'RUNNER_SOCKET_REFUSED'
  /** An ELF file cannot be read, or a library that it needs is not on this host. */
  | 'RUNNER_BINARY_UNSUPPORTED'
  /** An egress rule is not valid. */
  | 'RUNNER_EGRESS_RULE_INVALID';

export class RunnerError extends CodedError<RunnerErrorCode> {}
