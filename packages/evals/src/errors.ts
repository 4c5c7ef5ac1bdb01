/**
 * The failures of this package. `evaluate` turns every one of them into outcome `error`; only
 * constructors, `identity` and the pure functions throw them.
 *
 * @module
 */
import { CodedError } from '@proofmark/core';

export type EvalsErrorCode =
  /** The input has the wrong shape, or is larger than the evaluator accepts. */
  | 'EVALS_INPUT_INVALID'
  /** The evaluation was aborted by its caller. */
  | 'EVALS_ABORTED'
  /** The evaluation used up its time. */
  | 'EVALS_TIMEOUT'
  /** The configuration of an evaluator, guardrail, rubric or run is wrong. */
  | 'EVALS_CONFIG_INVALID'
  /** Weights are missing, or are not what their header says. */
  | 'EVALS_WEIGHTS_INVALID'
  /** The judge model cannot be reached, or took too long, after all retries. */
  | 'EVALS_JUDGE_UNAVAILABLE'
  /** The judge model answered something that is no verdict. */
  | 'EVALS_JUDGE_INVALID'
  /** A dataset or suite row has the wrong shape. */
  | 'EVALS_DATASET_INVALID';

export class EvalsError extends CodedError<EvalsErrorCode> {}
