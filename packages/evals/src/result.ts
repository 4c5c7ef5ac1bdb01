/**
 * What every evaluator takes and returns: one shape at the gate, in shadow traffic and at run time.
 *
 * `score` lies in [0, 1] and higher is always safer or better, for every evaluator: 1 means nothing
 * was found, 0 means the worst the evaluator knows. A result with outcome `error` carries score 0,
 * so that code which looks only at the score still fails closed.
 *
 * @module
 */

/** `error`: the evaluator could not judge. It is neither a pass nor a fail, and callers deny it. */
export type Outcome = 'pass' | 'fail' | 'error';

export type Severity = 'none' | 'low' | 'medium' | 'high' | 'critical';

/** One thing that was found, and where. */
export interface Finding {
  readonly category: string;
  readonly severity: Severity;
  /** Says what was found without repeating the text: safe to log. */
  readonly message: string;
  /** Which field of the input, for example `input`, `output`, `trajectory[3].arguments`. */
  readonly field: string;
  /** UTF-16 offsets [start, end) into that field's text; both 0 when the finding has no place. */
  readonly start: number;
  readonly end: number;
}

export interface EvaluatorIdentity {
  readonly id: string;
  readonly version: string;
  /** SHA-256 hex of the canonical JSON of the configuration and the digests of all weights used. */
  readonly configDigest: string;
}

export interface EvaluationResult {
  readonly outcome: Outcome;
  /** In [0, 1], higher is safer or better. */
  readonly score: number;
  /** The worst severity among the findings. */
  readonly severity: Severity;
  readonly findings: readonly Finding[];
  readonly evaluator: EvaluatorIdentity;
  readonly latencyMs: number;
  /** One sentence for a person: why this outcome. Never repeats the judged text. */
  readonly reason: string;
}

export interface EvaluateOptions {
  readonly signal?: AbortSignal;
  /** Budget for this evaluation, milliseconds. Default 10,000. Exceeding it is `error`. */
  readonly timeoutMs?: number;
}

/**
 * A judge of one kind of input. `evaluate` never throws and never rejects: whatever goes wrong,
 * bad input included, is a result with outcome `error`.
 */
export interface Evaluator<Input> {
  readonly identity: EvaluatorIdentity;
  evaluate(input: Input, options?: EvaluateOptions): Promise<EvaluationResult>;
}

const ORDER: Readonly<Record<Severity, number>> = {
  none: 0,
  low: 1,
  medium: 2,
  high: 3,
  critical: 4,
};

/** Negative when `a` is milder than `b`, zero when equal, positive when worse. */
export function compareSeverity(a: Severity, b: Severity): number {
  return ORDER[a] - ORDER[b];
}

/** The worst severity of the findings, `none` when there are none. */
export function worstSeverity(findings: readonly Pick<Finding, 'severity'>[]): Severity {
  return findings.reduce<Severity>(
    (worst, { severity }) => (compareSeverity(severity, worst) > 0 ? severity : worst),
    'none',
  );
}
