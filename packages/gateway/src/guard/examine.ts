/**
 * Shows one text to all guardrails of one stage and turns their verdicts into what happens next.
 *
 * Promises: a guardrail that does not answer in time, or breaks its contract, is an error verdict;
 * an error blocks unless its binding says `onError: 'allow'`. A redaction whose place is not known
 * blocks. Messages never repeat the examined text.
 *
 * @module
 */
import type { GuardrailStage, GuardrailVerdict } from '@proofmark/evals';

import { GatewayError } from '../errors.ts';
import type { GuardrailBinding } from './guardrail-binding.ts';
import type { Range } from './redaction.ts';
import type { VerdictLog } from './verdict-log.ts';

export interface Examination {
  readonly bindings: readonly GuardrailBinding[];
  readonly stage: GuardrailStage;
  /** Such as `messages[1].content`. */
  readonly where: string;
  /** The user's request, for guardrails that compare. */
  readonly task: string;
  /** All that the user asked, for guardrails that judge an answer with its request. */
  readonly asked: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly log: VerdictLog;
}

/** A range that a guardrail wants out of the text. */
export interface Redaction extends Range {
  readonly guardrail: string;
}

/**
 * @returns what must be cut out of `text` before it goes on
 * @throws {GatewayError} GATEWAY_GUARDRAIL_BLOCKED, GATEWAY_GUARDRAIL_ERROR
 */
export async function examine(text: string, options: Examination): Promise<readonly Redaction[]> {
  const bindings = options.bindings.filter(({ guardrail }) => guardrail.stage === options.stage);
  if (bindings.length === 0 || text === '') return [];
  const verdicts = await Promise.all(bindings.map((binding) => check(binding, text, options)));
  for (const verdict of verdicts) options.log.add(verdict);
  const blocking = verdicts.find(({ action }) => action === 'block');
  if (blocking !== undefined) throw blocked(blocking, options.where);
  return verdicts
    .filter(({ action }) => action === 'redact')
    .flatMap((verdict) => redactions(verdict, text, options.where));
}

async function check(
  binding: GuardrailBinding,
  text: string,
  options: Examination,
): Promise<GuardrailVerdict> {
  const { timeoutMs, signal, task, asked } = options;
  const { promise: late, resolve } = Promise.withResolvers<GuardrailVerdict>();
  // Evaluators keep their own budget; this one is for those that never come back.
  const timer = setTimeout(() => {
    resolve(errorVerdict(binding, `no verdict within ${timeoutMs} ms`, timeoutMs));
  }, timeoutMs);
  try {
    const context = { task, asked, timeoutMs, signal };
    return await Promise.race([binding.guardrail.check(text, context), late]);
  } catch {
    return errorVerdict(binding, 'the guardrail failed', 0);
  } finally {
    clearTimeout(timer);
  }
}

function errorVerdict(
  binding: GuardrailBinding,
  reason: string,
  latencyMs: number,
): GuardrailVerdict {
  return {
    guardrailId: binding.guardrail.id,
    stage: binding.guardrail.stage,
    outcome: 'error',
    action: binding.onError,
    severity: 'none',
    score: 0,
    findings: [],
    evaluator: binding.evaluator,
    latencyMs,
    reason,
  };
}

function redactions(verdict: GuardrailVerdict, text: string, where: string): Redaction[] {
  const { findings, guardrailId } = verdict;
  const placed = findings.filter(
    ({ start, end }) => start >= 0 && start < end && end <= text.length,
  );
  if (placed.length === 0 || placed.length < findings.length) {
    throw blocked({ ...verdict, reason: `${verdict.reason} (no place to redact)` }, where);
  }
  return placed.map(({ start, end }) => ({ guardrail: guardrailId, start, end }));
}

function blocked(verdict: GuardrailVerdict, where: string): GatewayError {
  const { guardrailId, evaluator, outcome, reason } = verdict;
  if (outcome === 'error') {
    return new GatewayError(
      'GATEWAY_GUARDRAIL_ERROR',
      `cannot pass ${where} on: guardrail "${guardrailId}" (${evaluator.id} ${evaluator.version}) could not judge it, and nothing unjudged passes: ${reason}; try again, or shorten the text`,
      { details: { param: where, guardrail: guardrailId } },
    );
  }
  return new GatewayError(
    'GATEWAY_GUARDRAIL_BLOCKED',
    `cannot pass ${where} on: guardrail "${guardrailId}" (${evaluator.id} ${evaluator.version}) objects: ${reason}; change the text, or ask the owner of this route if it should have passed`,
    { details: { param: where, guardrail: guardrailId, code: snakeCase(evaluator.id) } },
  );
}

/** `PromptInjection` and `prompt-injection` are `prompt_injection` to a client. */
function snakeCase(id: string): string {
  return id
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();
}
