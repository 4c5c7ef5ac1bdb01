/**
 * Runs one judgement under a budget and turns whatever happens into a result.
 *
 * This is the only place that catches: an evaluator throws when it cannot judge, and the caller of
 * `evaluate` always gets a value. The budget is cooperative: judgements are bounded CPU work that
 * calls `checkpoint()` between bounded steps.
 *
 * @module
 */
import { EvalsError } from './errors.ts';
import { worstSeverity } from './result.ts';
import type {
  EvaluateOptions,
  EvaluationResult,
  EvaluatorIdentity,
  Finding,
  Outcome,
} from './result.ts';

/** What an evaluator decides; the frame adds identity, severity and time. */
export interface Judgement {
  readonly outcome: Exclude<Outcome, 'error'>;
  readonly score: number;
  readonly findings: readonly Finding[];
  readonly reason: string;
}

/** Throws when the evaluation was aborted or has used up its time. */
export type Checkpoint = () => void;

export const DEFAULT_TIMEOUT_MS = 10_000;

/** The longest text any evaluator reads, UTF-16 units. Longer input is `error`, never a pass. */
export const MAX_TEXT_LENGTH: number = 2 * 1024 * 1024;

/** The largest number of findings one result carries; the worst are kept. */
const MAX_FINDINGS = 100;

/** Runs `judge` for `evaluator`. Never rejects. */
export async function runEvaluation(
  evaluator: { readonly identity: EvaluatorIdentity },
  fallback: EvaluatorIdentity,
  options: EvaluateOptions | undefined,
  judge: (checkpoint: Checkpoint) => Judgement | Promise<Judgement>,
): Promise<EvaluationResult> {
  const startMs = performance.now();
  let identity = fallback;
  try {
    identity = evaluator.identity;
    const judgement = await judge(budget(startMs, options));
    return complete(judgement, identity, performance.now() - startMs);
  } catch (error) {
    return {
      outcome: 'error',
      score: 0,
      severity: 'none',
      findings: [],
      evaluator: identity,
      latencyMs: performance.now() - startMs,
      reason: explain(error),
    };
  }
}

function complete(
  judgement: Judgement,
  evaluator: EvaluatorIdentity,
  latencyMs: number,
): EvaluationResult {
  if (!(judgement.score >= 0 && judgement.score <= 1)) {
    throw new EvalsError('EVALS_CONFIG_INVALID', 'the evaluator produced no score in [0, 1]');
  }
  return {
    outcome: judgement.outcome,
    score: judgement.score,
    severity: worstSeverity(judgement.findings),
    findings: judgement.findings.slice(0, MAX_FINDINGS),
    evaluator,
    latencyMs,
    reason: judgement.reason,
  };
}

function budget(startMs: number, options: EvaluateOptions | undefined): Checkpoint {
  const timeoutMs = options?.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const signal = options?.signal;
  const checkpoint = (): void => {
    if (signal?.aborted === true) {
      throw new EvalsError('EVALS_ABORTED', 'the evaluation was aborted by its caller');
    }
    if (performance.now() - startMs > timeoutMs) {
      throw new EvalsError('EVALS_TIMEOUT', `the evaluation took longer than ${timeoutMs} ms`);
    }
  };
  checkpoint();
  return checkpoint;
}

function explain(error: unknown): string {
  if (error instanceof EvalsError) return `${error.code}: ${error.message}`;
  const name = error instanceof Error ? error.name : typeof error;
  return `the evaluator failed unexpectedly (${name})`;
}

/**
 * Reads a text field of an evaluator's input.
 *
 * @throws {EvalsError} EVALS_INPUT_INVALID when it is no string or longer than `MAX_TEXT_LENGTH`
 */
export function readText(input: unknown, field: string): string {
  const value = isRecord(input) ? input[field] : undefined;
  if (typeof value !== 'string') {
    throw new EvalsError('EVALS_INPUT_INVALID', `cannot evaluate: \`${field}\` is not a string`);
  }
  if (value.length > MAX_TEXT_LENGTH) {
    throw new EvalsError(
      'EVALS_INPUT_INVALID',
      `cannot evaluate: \`${field}\` has ${value.length} characters, more than ${MAX_TEXT_LENGTH}`,
    );
  }
  return value;
}

/** Reads an optional text field: absent is `undefined`, anything but a string is refused. */
export function readOptionalText(input: unknown, field: string): string | undefined {
  const value = isRecord(input) ? input[field] : undefined;
  return value === undefined || value === null ? undefined : readText(input, field);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
