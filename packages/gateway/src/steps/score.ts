/**
 * Scores answers after they were sent, with the evaluators that scored the version at its gate.
 *
 * Promises: scoring never delays an answer and never grows without bound; an exchange that is not
 * scored is counted. A scorer that fails gives a score with outcome `error`.
 *
 * @module
 */
import type { EvaluationResult } from '@proofmark/evals';

import type { Exchange } from '../exchange.ts';
import type { ScoredExchange, Scorer } from '../guard/guardrail-binding.ts';

/** One score of one answer. */
export interface ScoreRow {
  readonly receiptId: string;
  readonly traceId: string;
  readonly routeId: string;
  readonly model: {
    readonly name: string;
    readonly version: string;
    readonly manifestDigest: string;
  };
  readonly scorerId: string;
  readonly atMs: number;
  readonly result: EvaluationResult;
}

export interface ScoringStats {
  readonly scored: number;
  /** Exchanges that were not scored because too many waited. */
  readonly skipped: number;
  readonly waiting: number;
}

const MAX_KEPT_CHARS = 64 * 1024;
const MAX_WAITING = 1_000;
const CONCURRENCY = 2;
const SCORER_MS = 10_000;

/** Remembers the text of an answer's first choice for the scorers; in a stream, before redaction. */
export function keepText(exchange: Exchange, channel: string, text: string): void {
  if (channel !== 'choices[0].content' || (exchange.route?.scorers.length ?? 0) === 0) return;
  if (exchange.sentText.length < MAX_KEPT_CHARS) {
    exchange.sentText = (exchange.sentText + text).slice(0, MAX_KEPT_CHARS);
  }
}

/** Belongs to one gateway process. */
export class Scoring {
  readonly #clock: () => number;
  #waiting: { readonly exchange: Exchange; readonly done: (rows: ScoreRow[]) => void }[] = [];
  #running = 0;
  #idle: (() => void)[] = [];
  #counts = { scored: 0, skipped: 0 };

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** The scores of an answered exchange; empty when nothing scores its route, or nobody has time. */
  scores(exchange: Exchange): Promise<readonly ScoreRow[]> {
    const scorers = exchange.route?.scorers ?? [];
    if (scorers.length === 0 || exchange.outcome !== 'answered') return Promise.resolve([]);
    if (this.#waiting.length >= MAX_WAITING) {
      this.#counts.skipped += 1;
      return Promise.resolve([]);
    }
    const { promise, resolve } = Promise.withResolvers<readonly ScoreRow[]>();
    this.#waiting.push({ exchange, done: resolve });
    this.#next();
    return promise;
  }

  stats(): ScoringStats {
    return { ...this.#counts, waiting: this.#waiting.length };
  }

  /** Resolves when nothing is being scored. */
  async settled(): Promise<void> {
    if (this.#running === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #next(): void {
    if (this.#running >= CONCURRENCY) return;
    const job = this.#waiting.shift();
    if (job === undefined) return;
    this.#running += 1;
    // Off the tick of the answer that was just sent.
    setImmediate(() => {
      void this.#score(job.exchange).then((rows) => {
        this.#counts.scored += 1;
        job.done(rows);
        this.#running -= 1;
        this.#next();
        if (this.#running > 0) return;
        for (const resolve of this.#idle.splice(0)) resolve();
      });
    });
  }

  async #score(exchange: Exchange): Promise<ScoreRow[]> {
    const { route, request } = exchange;
    if (route === null || request === null) return [];
    const scored = scoredExchange(exchange, exchange.sentText);
    const { name, version, manifestDigest } = route.target;
    const rows: ScoreRow[] = [];
    for (const scorer of route.scorers) {
      rows.push({
        receiptId: exchange.id,
        traceId: exchange.span.traceId,
        routeId: route.id,
        model: { name, version, manifestDigest },
        scorerId: scorer.id,
        atMs: this.#clock(),
        result: await runScorer(scorer, scored),
      });
    }
    return rows;
  }
}

/** What scorers see of an exchange that was answered with `output`. */
export function scoredExchange({ request }: Exchange, output: string): ScoredExchange {
  return {
    input: request?.task ?? '',
    asked: request?.asked ?? '',
    output,
    context: (request?.texts ?? [])
      .filter(({ stage }) => stage === 'tool_result')
      .map(({ text }) => text)
      .join('\n'),
  };
}

/** One score; never rejects. */
export async function runScorer(scorer: Scorer, scored: ScoredExchange): Promise<EvaluationResult> {
  const signal = AbortSignal.timeout(SCORER_MS);
  const late = new Promise<EvaluationResult>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve(failed(scorer, `no score within ${SCORER_MS} ms`));
    });
  });
  try {
    return await Promise.race([scorer.score(scored, { timeoutMs: SCORER_MS, signal }), late]);
  } catch {
    return failed(scorer, 'the scorer failed');
  }
}

function failed(scorer: Scorer, reason: string): EvaluationResult {
  return {
    outcome: 'error',
    score: 0,
    severity: 'none',
    findings: [],
    evaluator: scorer.evaluator,
    latencyMs: 0,
    reason,
  };
}
