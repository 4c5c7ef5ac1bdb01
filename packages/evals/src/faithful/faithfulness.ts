/**
 * Faithfulness: does the context support what the answer says?
 *
 * A consistency check by evidence, sentence by sentence: exact facts (numbers, names, links, quotes)
 * that the context lacks, and how much of each sentence's wording the best matching passage covers.
 * It catches invented facts; a fluent contradiction that reuses the context's words it mostly does
 * not. Measured figures are in the model card; a judge model is the stronger tool where one is configured.
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
import { contentWords } from '../text/words.ts';

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
const VERSION = '1.0.0';
const MAX_SENTENCES = 400;
/** A passage is this many context sentences long, so that a claim may rest on two neighbours. */
const PASSAGE = 2;

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

interface Claim {
  readonly start: number;
  readonly end: number;
  readonly support: number;
  readonly missing: readonly string[];
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
  const weakest = claims.reduce((least, claim) => Math.min(least, claim.support), 1);
  const mean =
    claims.length === 0 ? 1 : claims.reduce((sum, claim) => sum + claim.support, 0) / claims.length;
  const score = Math.max(0, Math.min(1, 0.5 * weakest + 0.5 * mean));
  if (score >= threshold) {
    return { outcome: 'pass', score, findings: [], reason: 'the context supports the answer' };
  }
  const findings = claims
    .filter((claim) => claim.support < threshold)
    .map((claim): Finding => ({
      category: claim.missing.length > 0 ? 'unsupported-fact' : 'unsupported',
      severity: claim.missing.length > 0 ? 'medium' : 'low',
      message:
        claim.missing.length > 0
          ? `${claim.missing.length} facts of this sentence are not in the context`
          : 'the context does not say this',
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

interface Evidence {
  readonly words: ReadonlySet<string>;
  readonly pairs: ReadonlySet<string>;
  /** Which passages hold a word, by their numbers. */
  readonly passagesOf: ReadonlyMap<string, readonly number[]>;
  readonly passages: number;
  readonly facts: ReadonlySet<string>;
}

function readEvidence(context: string): Evidence {
  const parts = sentences(context)
    .slice(0, 2000)
    .map(({ text }) => contentWords(text));
  const passagesOf = new Map<string, number[]>();
  for (const i of parts.keys()) {
    for (const word of new Set(parts.slice(i, i + PASSAGE).flat())) {
      const places = passagesOf.get(word);
      if (places === undefined) passagesOf.set(word, [i]);
      else places.push(i);
    }
  }
  const words = contentWords(context);
  return {
    words: new Set(words),
    pairs: new Set(pairsOf(words)),
    passagesOf,
    passages: parts.length,
    facts: new Set(factsOf(context)),
  };
}

function weighClaim(sentence: Sentence, evidence: Evidence): Claim {
  const words = contentWords(sentence.text);
  const missing = factsOf(sentence.text).filter(
    (fact) => !evidence.facts.has(fact) && !evidence.words.has(fact),
  );
  if (words.length === 0)
    return { start: sentence.start, end: sentence.end, support: 1, missing: [] };
  const known = share(words, evidence.words);
  const best = bestPassage(words, evidence);
  const pairs = pairsOf(words);
  const order = pairs.length === 0 ? best : share(pairs, evidence.pairs);
  const raw = 0.3 * known + 0.45 * best + 0.25 * order;
  const support = raw * 0.6 ** Math.min(3, missing.length);
  return { start: sentence.start, end: sentence.end, support, missing };
}

/** The largest share of `words` that one passage holds; costs what the words occur, not every passage. */
function bestPassage(words: readonly string[], { passagesOf, passages }: Evidence): number {
  const held = new Uint32Array(passages);
  const times = new Map<string, number>();
  for (const word of words) times.set(word, (times.get(word) ?? 0) + 1);
  for (const [word, count] of times) {
    for (const passage of passagesOf.get(word) ?? []) held[passage] = (held[passage] ?? 0) + count;
  }
  return held.reduce((most, count) => Math.max(most, count), 0) / words.length;
}

function share(items: readonly string[], known: ReadonlySet<string>): number {
  return items.filter((item) => known.has(item)).length / items.length;
}

function pairsOf(words: readonly string[]): readonly string[] {
  return words.slice(1).map((word, i) => `${words[i] ?? ''} ${word}`);
}

/** Numbers, and capitalised words that do not open a sentence, lowercased. */
function factsOf(text: string): readonly string[] {
  const numbers = Array.from(text.matchAll(/\d{1,15}(?:[.,:]\d{1,6})*/g), ([number]) => number);
  const names = Array.from(text.matchAll(/(?<=[\p{Ll}\p{N},;] )\p{Lu}[\p{Ll}]{2,30}/gu), ([name]) =>
    name.toLowerCase(),
  );
  return [...numbers, ...names].slice(0, 500);
}

interface Sentence {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

function sentences(text: string): readonly Sentence[] {
  const found: Sentence[] = [];
  for (const match of text.matchAll(/[^.!?\n。！？]+[.!?。！？]*/g)) {
    if (match[0].trim().length < 3) continue;
    found.push({ text: match[0], start: match.index, end: match.index + match[0].length });
  }
  return found;
}
