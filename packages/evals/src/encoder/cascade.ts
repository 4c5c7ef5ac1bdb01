/**
 * The full tier's path: the fast tier where it is sure, the encoder where it is not.
 *
 * @module
 */
import type { Checkpoint } from '../evaluation.ts';
import { DEFAULT_TIMEOUT_MS } from '../evaluation.ts';
import type { LinearModel, Window } from '../linear/model.ts';
import type { EvaluateOptions } from '../result.ts';
import { sharedEncoder } from './encoder.ts';
import type { Question } from './encoder.ts';
import { joinSignals } from './joint.ts';
import type { JointName, JointWeights } from './joint.ts';
import { encoderWindows } from './windows.ts';

export interface Doubt {
  readonly joint: JointName;
  /** The fast tier's danger. */
  readonly fast: number;
  /** The text the encoder reads, normalised. */
  readonly text: string;
  /** The request that `text` answers, normalised. */
  readonly asked?: string;
  /** Ranks the windows of a long text. */
  readonly model: LinearModel;
  /** Signals beside `fast` and the encoder's own, by the names the joint knows. */
  readonly beside?: Readonly<Record<string, number>>;
}

export interface Settled {
  readonly danger: number;
  readonly thresholds: JointWeights['thresholds'];
  /** The window of `text` the encoder found worst; null when it was not asked. */
  readonly window: Window | null;
}

export interface Budget {
  readonly checkpoint: Checkpoint;
  readonly startMs: number;
  readonly options: EvaluateOptions | undefined;
}

/**
 * @throws {EvalsError} EVALS_ENCODER_INVALID, EVALS_ENCODER_MISSING, EVALS_ENCODER_FAILED,
 *   EVALS_ENCODER_BUSY, EVALS_TIMEOUT, EVALS_ABORTED
 */
export async function settle(doubt: Doubt, budget: Budget): Promise<Settled> {
  const encoder = await sharedEncoder();
  budget.checkpoint();
  const joint = encoder.joint[doubt.joint];
  const { thresholds } = joint;
  if (doubt.fast < joint.grey.low || doubt.fast > joint.grey.high) {
    return { danger: withoutEncoder(joint, doubt.fast), thresholds, window: null };
  }
  const windows = encoderWindows(doubt.text, doubt.model, budget.checkpoint);
  const pieces = windows.map(({ start, end }) => doubt.text.slice(start, end));
  const answers = await encoder.answer(pieces, {
    asked: doubt.asked,
    signal: budget.options?.signal,
    timeoutMs: remainingMs(budget),
  });
  budget.checkpoint();
  const own = Object.fromEntries(
    Object.entries(answers).map(([question, { score }]) => [question, score]),
  );
  const danger = joinSignals(joint, { ...own, ...doubt.beside, fast: doubt.fast });
  return { danger, thresholds, window: windows[answers[QUESTION_OF[doubt.joint]].window] ?? null };
}

/** The encoder's question that a joint is named after. */
const QUESTION_OF: Readonly<Record<JointName, Question>> = {
  injection_user: 'injection_user',
  injection_document: 'injection_document',
  content_prompt: 'content_prompt',
  content_response: 'content_response',
  content_exchange: 'content_exchange',
};

/** Every other signal agrees with the fast tier as firmly as a signal can. */
function withoutEncoder(joint: JointWeights, fast: number): number {
  const agrees = fast > joint.grey.high ? 1 : 0;
  const signals = [...joint.weights.keys()].map((name) => [name, agrees] as const);
  return joinSignals(joint, { ...Object.fromEntries(signals), fast });
}

function remainingMs({ startMs, options }: Budget): number {
  const spent = performance.now() - startMs;
  return Math.max(1, (options?.timeoutMs ?? DEFAULT_TIMEOUT_MS) - spent);
}
