/**
 * A model that grades by a criterion: pinned model, pinned prompt, a number in [0, 1] or an error.
 *
 * The judge is asked through `chat-endpoint.ts` and answers in the form `judge-prompt.ts` fixes.
 * Anything else (prose, a missing nonce, a score outside [0, 1]) is EVALS_JUDGE_INVALID: an
 * evaluation whose judge failed is `error`, never a pass. The judge's own words are not passed on,
 * because whoever wrote the material may have written them too.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';

import { parseStrictJson } from '@proofmark/core';

import { EvalsError } from '../errors.ts';
import { isRecord, readOptionalText, readText, runEvaluation } from '../evaluation.ts';
import { identify } from '../identity.ts';
import type {
  EvaluateOptions,
  EvaluationResult,
  Evaluator,
  EvaluatorIdentity,
  Finding,
} from '../result.ts';
import { askChat } from './chat-endpoint.ts';
import type { ChatEndpoint } from './chat-endpoint.ts';
import { judgePrompt, promptDigest } from './judge-prompt.ts';

/** Asks for one score. Implemented by `createJudge`; another source of scores may stand in. */
export interface Judge {
  /** Pinned model and prompt layout: goes into the identity of every evaluator that uses the judge. */
  readonly digestFor: (criterion: string) => string;
  /** @throws {EvalsError} EVALS_JUDGE_UNAVAILABLE, EVALS_JUDGE_INVALID, EVALS_ABORTED */
  readonly score: (
    criterion: string,
    material: Readonly<Record<string, string>>,
    options?: EvaluateOptions,
  ) => Promise<number>;
}

/** The most material a judge is given, UTF-16 units. */
const MAX_MATERIAL = 200_000;
const MAX_CRITERION = 4_000;

/** @throws {EvalsError} EVALS_CONFIG_INVALID */
export function createJudge(endpoint: ChatEndpoint): Judge {
  const url = URL.canParse(endpoint.baseUrl) ? new URL(endpoint.baseUrl) : undefined;
  if (endpoint.model === '' || url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new EvalsError('EVALS_CONFIG_INVALID', 'a judge needs a model and an http or https URL');
  }
  return {
    digestFor: (criterion) => `${endpoint.model} ${promptDigest(criterion)}`,
    async score(criterion, material, options) {
      const size = Object.values(material).reduce((sum, text) => sum + text.length, 0);
      if (size > MAX_MATERIAL || criterion === '' || criterion.length > MAX_CRITERION) {
        throw new EvalsError(
          'EVALS_INPUT_INVALID',
          `cannot judge: more than ${MAX_MATERIAL} characters, or a criterion of none or more than ${MAX_CRITERION}`,
        );
      }
      const nonce = randomBytes(12).toString('hex');
      const answer = await askChat(endpoint, {
        ...judgePrompt(criterion, material, nonce),
        ...limited(options),
      });
      return readScore(answer, nonce);
    },
  };
}

function limited(options: EvaluateOptions | undefined): { signal?: AbortSignal } {
  const signals = [
    ...(options?.signal === undefined ? [] : [options.signal]),
    ...(options?.timeoutMs === undefined ? [] : [AbortSignal.timeout(options.timeoutMs)]),
  ];
  return signals.length === 0 ? {} : { signal: AbortSignal.any(signals) };
}

function readScore(answer: string, nonce: string): number {
  let parsed: unknown;
  try {
    parsed = parseStrictJson(answer.trim());
  } catch (cause) {
    throw new EvalsError('EVALS_JUDGE_INVALID', 'the judge did not answer with one JSON object', {
      cause,
    });
  }
  if (!isRecord(parsed) || parsed['nonce'] !== nonce) {
    throw new EvalsError('EVALS_JUDGE_INVALID', 'the judge’s answer does not carry the nonce');
  }
  const score = parsed['score'];
  if (typeof score === 'number' && score >= 0 && score <= 1) return score;
  throw new EvalsError('EVALS_JUDGE_INVALID', 'the judge gave no score in [0, 1]');
}

export interface RubricJudgeInput {
  readonly output: string;
  readonly input?: string;
  readonly context?: string;
}

export interface RubricJudgeOptions {
  /** Names the evaluator, for example `tone`. */
  readonly id: string;
  /** What a good answer does, in one or two sentences. */
  readonly criterion: string;
  readonly judge: Judge;
  /** Answers scoring below this fail. Default 0.5. */
  readonly threshold?: number;
}

/** A custom rubric as an evaluator: one criterion, graded by a judge. */
export class RubricJudge implements Evaluator<RubricJudgeInput> {
  readonly identity: EvaluatorIdentity;
  readonly #options: RubricJudgeOptions;
  readonly #threshold: number;

  /** @throws {EvalsError} EVALS_CONFIG_INVALID */
  constructor(options: RubricJudgeOptions) {
    this.#threshold = options.threshold ?? 0.5;
    if (
      options.id === '' ||
      options.criterion === '' ||
      !(this.#threshold >= 0 && this.#threshold <= 1)
    ) {
      throw new EvalsError(
        'EVALS_CONFIG_INVALID',
        'a rubric judge needs an id, a criterion and a threshold in [0, 1]',
      );
    }
    this.#options = options;
    this.identity = identify(`rubric:${options.id}`, '1.0.0', {
      judge: options.judge.digestFor(options.criterion),
      threshold: this.#threshold,
    });
  }

  async evaluate(input: RubricJudgeInput, options?: EvaluateOptions): Promise<EvaluationResult> {
    return await runEvaluation(this, this.identity, options, async () => {
      const { judge, criterion, id } = this.#options;
      const output = readText(input, 'output');
      const score = await judge.score(criterion, readMaterial(input, output), options);
      const reason = `the judge gave ${score.toFixed(2)}, the threshold is ${this.#threshold}`;
      if (score >= this.#threshold) return { outcome: 'pass', score, findings: [], reason };
      const finding: Finding = {
        category: id,
        severity: 'medium',
        message: 'the judge finds the criterion not met',
        field: 'output',
        start: 0,
        end: output.length,
      };
      return { outcome: 'fail', score, findings: [finding], reason };
    });
  }
}

function readMaterial(input: unknown, output: string): Record<string, string> {
  const [asked, context] = [readOptionalText(input, 'input'), readOptionalText(input, 'context')];
  return {
    ...(context === undefined ? {} : { context }),
    ...(asked === undefined ? {} : { request: asked }),
    answer: output,
  };
}
