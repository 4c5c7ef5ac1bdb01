/**
 * Faithfulness: does the context support what the answer says?
 *
 * A consistency check by evidence, sentence by sentence: numbers and names that the context lacks, how
 * much of each sentence's wording the best matching passage covers, denials and opposites. It catches
 * invented facts and denials; who did what to whom it mostly does not see. Measured figures are in the
 * model card; a judge model is the stronger tool where one is configured.
 *
 * @module
 */
import { readText, runEvaluation } from '../evaluation.ts';
import type { Checkpoint, Judgement } from '../evaluation.ts';
import { identify } from '../identity.ts';
import type {
  EvaluateOptions,
  EvaluationResult,
  Evaluator,
  EvaluatorIdentity,
  Finding,
} from '../result.ts';
import type { Judge } from '../judge/llm-judge.ts';
import { TOLERATED, weighClaim } from './claim.ts';
import type { Claim } from './claim.ts';
import { readEvidence, sentences } from './evidence.ts';

export interface FaithfulnessInput {
  readonly context: string;
  readonly output: string;
}

export interface FaithfulnessOptions {
  /** Answers scoring below this fail. Default 0.5. */
  readonly threshold?: number;
  /** Grades instead of the local comparison; its failure is `error`. */
  readonly judge?: Judge;
}

const CRITERION =
  'Every claim of the answer is stated in or follows from the context. Claims that the context does not support, or contradicts, count against it.';

const ID = 'faithfulness';
const VERSION = '2.0.0';
const MAX_SENTENCES = 400;

export class Faithfulness implements Evaluator<FaithfulnessInput> {
  readonly identity: EvaluatorIdentity;
  readonly #threshold: number;
  readonly #judge: Judge | undefined;

  constructor(options: FaithfulnessOptions = {}) {
    this.#threshold = options.threshold ?? 0.5;
    this.#judge = options.judge;
    this.identity = identify(ID, VERSION, {
      threshold: this.#threshold,
      judge: options.judge?.digestFor(CRITERION) ?? null,
    });
  }

  async evaluate(input: FaithfulnessInput, options?: EvaluateOptions): Promise<EvaluationResult> {
    return await runEvaluation(this, this.identity, options, async (checkpoint) => {
      const [context, output] = [readText(input, 'context'), readText(input, 'output')];
      const local = judge(context, output, this.#threshold, checkpoint);
      if (this.#judge === undefined) return local;
      const score = await this.#judge.score(CRITERION, { context, answer: output }, options);
      return graded(local, score, this.#threshold);
    });
  }
}

/** The judge decides; where it fails an answer, the local findings say where to look. */
function graded(local: Judgement, score: number, threshold: number): Judgement {
  const reason = `the judge gave ${score.toFixed(2)}, the threshold is ${threshold}`;
  if (score >= threshold) return { outcome: 'pass', score, findings: [], reason };
  return { outcome: 'fail', score, findings: local.findings, reason };
}

function judge(
  context: string,
  output: string,
  threshold: number,
  checkpoint: Checkpoint,
): Judgement {
  const evidence = readEvidence(context);
  const claims = sentences(output)
    .slice(0, MAX_SENTENCES)
    .map((sentence) => {
      checkpoint();
      return weighClaim(sentence, evidence);
    });
  const score = scoreOf(claims);
  if (score >= threshold) {
    return { outcome: 'pass', score, findings: [], reason: 'the context supports the answer' };
  }
  const findings = claims
    .filter((claim) => 0.5 ** (claim.risk / TOLERATED) < threshold)
    .map((claim): Finding => ({
      category: CATEGORIES[claim.fault ?? 'none'],
      severity: claim.fault === undefined ? 'low' : 'medium',
      message: MESSAGES[claim.fault ?? 'none'],
      field: 'output',
      start: claim.start,
      end: claim.end,
    }));
  return {
    outcome: 'fail',
    score,
    findings,
    reason: `support ${score.toFixed(2)} is below ${threshold}`,
  };
}

/** One half where the risk is as high as is tolerated; the worst claim counts as much as all together. */
function scoreOf(claims: readonly Claim[]): number {
  if (claims.length === 0) return 1;
  const worst = claims.reduce((most, { risk }) => Math.max(most, risk), 0);
  const mean = claims.reduce((sum, { risk }) => sum + risk, 0) / claims.length;
  return 0.5 ** ((worst + mean) / 2 / TOLERATED);
}

const CATEGORIES = {
  fact: 'unsupported-fact',
  contradiction: 'contradiction',
  none: 'unsupported',
} as const;

const MESSAGES = {
  fact: 'numbers or names of this sentence are not in the context',
  contradiction: 'this sentence denies what the context says, or says its opposite',
  none: 'the context does not say this',
} as const;
