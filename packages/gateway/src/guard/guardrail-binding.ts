/**
 * A guardrail and a scorer as a route holds them: the evaluator with its configuration in the open,
 * so that the configuration digest and every receipt can name them.
 *
 * @module
 */
import { createGuardrail } from '@proofmark/evals';
import type {
  EvaluateOptions,
  EvaluationResult,
  Evaluator,
  EvaluatorIdentity,
  Guardrail,
  GuardrailAction,
  GuardrailConfig,
  GuardrailContext,
} from '@proofmark/evals';

export interface GuardrailBinding {
  readonly guardrail: Guardrail;
  readonly action: GuardrailAction;
  /** What an evaluator that could not judge means. `allow` is shown in every span. */
  readonly onError: 'block' | 'allow';
  readonly evaluator: EvaluatorIdentity;
}

/** Puts `evaluator` at a stage of a route. @throws {EvalsError} EVALS_CONFIG_INVALID */
export function bindGuardrail<Input>(
  config: GuardrailConfig,
  evaluator: Evaluator<Input>,
  toInput: (text: string, context: GuardrailContext) => Input,
): GuardrailBinding {
  return {
    guardrail: createGuardrail(config, evaluator, toInput),
    action: config.action,
    onError: config.onError ?? 'block',
    evaluator: evaluator.identity,
  };
}

/** What a scorer sees of a finished exchange. */
export interface ScoredExchange {
  /** The last user message. */
  readonly input: string;
  /** All that the user asked, the newest message first; bounded. */
  readonly asked: string;
  /** The answer's text as it was sent. */
  readonly output: string;
  /** Tool results and documents of the request, joined. */
  readonly context: string;
}

/** An evaluator that scores answers after they were sent. */
export interface Scorer {
  readonly id: string;
  readonly evaluator: EvaluatorIdentity;
  score(exchange: ScoredExchange, options: EvaluateOptions): Promise<EvaluationResult>;
}

export function bindScorer<Input>(
  id: string,
  evaluator: Evaluator<Input>,
  toInput: (exchange: ScoredExchange) => Input,
): Scorer {
  return {
    id,
    evaluator: evaluator.identity,
    score: (exchange, options) => evaluator.evaluate(toInput(exchange), options),
  };
}
