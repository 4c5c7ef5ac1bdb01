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
  /** A file of the encoder is missing, or is not the one this build was made with. */
  | 'EVALS_ENCODER_INVALID'
  /** The optional runtime of the encoder is not installed, or does not load on this machine. */
  | 'EVALS_ENCODER_MISSING'
  /** The encoder's process died, was closed, or could not score a text. */
  | 'EVALS_ENCODER_FAILED'
  /** Too many texts wait for the encoder already. */
  | 'EVALS_ENCODER_BUSY'
  /** A dataset or suite row has the wrong shape. */
  | 'EVALS_DATASET_INVALID';

export class EvalsError extends CodedError<EvalsErrorCode> {}
