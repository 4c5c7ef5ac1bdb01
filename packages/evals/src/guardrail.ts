/**
 * A guardrail: an evaluator put at one stage of a request, with what to do when it objects.
 *
 * Pure composition. It applies no verdict itself; the gateway does. A guardrail whose evaluator
 * could not judge blocks, unless its configuration says `onError: 'allow'`, and then the verdict
 * still shows outcome `error` so that the span and the metrics do.
 *
 * @module
 */
import { EvalsError } from './errors.ts';
import type {
  EvaluateOptions,
  Evaluator,
  EvaluatorIdentity,
  Finding,
  Outcome,
  Severity,
} from './result.ts';

export type GuardrailStage = 'input' | 'tool_result' | 'output';
export type GuardrailAction = 'block' | 'redact' | 'flag';

/** What the gateway must do with the text. `allow` is the only one that leaves no trace but the span. */
export type GuardrailDecision = 'allow' | GuardrailAction;

export interface GuardrailConfig {
  readonly id: string;
  readonly stage: GuardrailStage;
  readonly action: GuardrailAction;
  /** What an evaluator error means. Default `block`. */
  readonly onError?: 'block' | 'allow';
  readonly timeoutMs?: number;
}

export interface GuardrailVerdict {
  readonly guardrailId: string;
  readonly stage: GuardrailStage;
  readonly outcome: Outcome;
  /** What to do now; already takes `onError` into account. */
  readonly action: GuardrailDecision;
  readonly severity: Severity;
  readonly score: number;
  readonly findings: readonly Finding[];
  readonly evaluator: EvaluatorIdentity;
  readonly latencyMs: number;
  readonly reason: string;
}

export interface Guardrail {
  readonly id: string;
  readonly stage: GuardrailStage;
  /** Judges one text at this guardrail's stage. Never rejects. */
  check(text: string, context?: GuardrailContext): Promise<GuardrailVerdict>;
}

export interface GuardrailContext extends EvaluateOptions {
  /** The user's request, for evaluators that compare a tool result or an answer with it. */
  readonly task?: string;
  /** All that the user asked (`askedText`), for evaluators that judge an answer with its request. */
  readonly asked?: string;
}

const STAGES: readonly string[] = ['input', 'tool_result', 'output'];
const ACTIONS: readonly string[] = ['block', 'redact', 'flag'];

/**
 * Puts `evaluator` at a stage. `toInput` says how the text of that stage becomes its input.
 *
 * @throws {EvalsError} EVALS_CONFIG_INVALID
 */
export function createGuardrail<Input>(
  config: GuardrailConfig,
  evaluator: Evaluator<Input>,
  toInput: (text: string, context: GuardrailContext) => Input,
): Guardrail {
  if (config.id === '' || !STAGES.includes(config.stage) || !ACTIONS.includes(config.action)) {
    throw new EvalsError(
      'EVALS_CONFIG_INVALID',
      `cannot create guardrail ${JSON.stringify(config.id)}: it needs an id, a stage and an action`,
    );
  }
  return {
    id: config.id,
    stage: config.stage,
    async check(text, context = {}) {
      const options: EvaluateOptions = {
        ...(context.signal === undefined ? {} : { signal: context.signal }),
        ...timeout(context.timeoutMs ?? config.timeoutMs),
      };
      const result = await evaluator.evaluate(toInput(text, context), options);
      return {
        guardrailId: config.id,
        stage: config.stage,
        outcome: result.outcome,
        action: decide(config, result.outcome),
        severity: result.severity,
        score: result.score,
        findings: result.findings,
        evaluator: result.evaluator,
        latencyMs: result.latencyMs,
        reason: result.reason,
      };
    },
  };
}

function timeout(timeoutMs: number | undefined): EvaluateOptions {
  return timeoutMs === undefined ? {} : { timeoutMs };
}

function decide(config: GuardrailConfig, outcome: Outcome): GuardrailDecision {
  switch (outcome) {
    case 'pass':
      return 'allow';
    case 'fail':
      return config.action;
    case 'error':
      return (config.onError ?? 'block') === 'allow' ? 'allow' : 'block';
  }
}

const STRICTNESS: Readonly<Record<GuardrailDecision, number>> = {
  allow: 0,
  flag: 1,
  redact: 2,
  block: 3,
};

/** What all the verdicts of one stage mean together: the strictest wins. */
export function strictestAction(verdicts: readonly GuardrailVerdict[]): GuardrailDecision {
  return verdicts.reduce<GuardrailDecision>(
    (strictest, { action }) => (STRICTNESS[action] > STRICTNESS[strictest] ? action : strictest),
    'allow',
  );
}
