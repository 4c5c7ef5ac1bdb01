/**
 * PII: finds personal data in text, with exact places, and replaces it with stable placeholders.
 *
 * Structured types are decided by form and check digit; names and street addresses by how they are
 * introduced and by a small tagger. `score` is 1 when nothing was found and falls with the confidence
 * of what was. Findings never repeat values.
 *
 * @module
 */
import { readText, runEvaluation } from '../evaluation.ts';
import type { Checkpoint, Judgement } from '../evaluation.ts';
import { EvalsError } from '../errors.ts';
import { identify } from '../identity.ts';
import type {
  EvaluateOptions,
  EvaluationResult,
  Evaluator,
  EvaluatorIdentity,
  Severity,
} from '../result.ts';
import { shippedTagger } from '../linear/weights-store.ts';
import { findNames, repeatedNames } from './names.ts';
import { CONTEXT } from './pattern.ts';
import type { PiiPattern, PiiType } from './pattern.ts';
import { PII_PATTERNS } from './patterns.ts';
import { tagText } from './tagger/tagger.ts';

export interface PiiInput {
  readonly text: string;
}

export interface PiiSpan {
  readonly type: PiiType;
  readonly start: number;
  readonly end: number;
  readonly confidence: number;
}

export interface Redaction {
  readonly text: string;
  /** Placeholder -> original value. Personal data: keep it as secret as the text itself. */
  readonly restore: ReadonlyMap<string, string>;
}

export interface PiiOptions {
  /** Types to look for. Default: all but `URL`. */
  readonly types?: readonly PiiType[];
  /** Spans below this confidence are dropped. Default 0.6. */
  readonly minConfidence?: number;
}

/** Every type that can be looked for. */
export const PII_TYPES: readonly PiiType[] = [
  ...new Set(PII_PATTERNS.map(({ type }) => type)),
  'PERSON',
];

const SEVERITY: Readonly<Partial<Record<PiiType, Severity>>> = {
  CREDIT_CARD: 'high',
  SSN: 'high',
  IBAN: 'high',
  NATIONAL_ID: 'high',
  PASSPORT: 'high',
  API_KEY: 'high',
  PASSWORD: 'high',
  MEDICAL_ID: 'high',
  DRIVER_LICENSE: 'high',
  URL: 'low',
  POSTAL_CODE: 'low',
};

/** Types whose every value has two digits or more: a text without is not searched for them. */
const NUMERIC: ReadonlySet<PiiType> = new Set([
  'PHONE',
  'CREDIT_CARD',
  'IBAN',
  'SSN',
  'NATIONAL_ID',
  'PASSPORT',
  'DRIVER_LICENSE',
  'MEDICAL_ID',
  'VEHICLE',
  'POSTAL_CODE',
  'DATE_OF_BIRTH',
]);

const ID = 'pii';
const VERSION = '1.2.0';
const FALLBACK: EvaluatorIdentity = identify(ID, VERSION, { weights: 'unreadable' });
const PIECE = 65_536;
const OVERLAP = 512;
const MAX_SPANS = 10_000;

export class PII implements Evaluator<PiiInput> {
  readonly #types: ReadonlySet<PiiType>;
  readonly #minConfidence: number;
  readonly #tagged: readonly PiiType[];
  #identity: EvaluatorIdentity | undefined;

  /** @throws {EvalsError} EVALS_CONFIG_INVALID */
  constructor(options: PiiOptions = {}) {
    const types = options.types ?? PII_TYPES.filter((type) => type !== 'URL');
    const minConfidence = options.minConfidence ?? 0.6;
    if (
      types.some((type) => !PII_TYPES.includes(type)) ||
      !(minConfidence >= 0 && minConfidence <= 1)
    ) {
      throw new EvalsError(
        'EVALS_CONFIG_INVALID',
        'PII: unknown type, or minConfidence outside [0, 1]',
      );
    }
    this.#types = new Set(types);
    this.#minConfidence = minConfidence;
    this.#tagged = types.filter((type) => type === 'PERSON' || type === 'STREET_ADDRESS');
  }

  /** @throws {EvalsError} EVALS_WEIGHTS_INVALID when the package's weights cannot be read */
  get identity(): EvaluatorIdentity {
    this.#identity ??= identify(ID, VERSION, {
      types: [...this.#types].toSorted(),
      minConfidence: this.#minConfidence,
      tagger: this.#tagged.length === 0 ? null : shippedTagger().digest,
    });
    return this.#identity;
  }

  async evaluate(input: PiiInput, options?: EvaluateOptions): Promise<EvaluationResult> {
    return await runEvaluation(this, FALLBACK, options, (checkpoint) =>
      judge(this.#find(readText(input, 'text'), checkpoint)),
    );
  }

  /** Every span of personal data, in order, never overlapping. */
  find(text: string): readonly PiiSpan[] {
    return this.#find(text, () => {});
  }

  /** Replaces each distinct value with `[TYPE_n]`; equal values get equal placeholders. */
  redact(text: string): Redaction {
    const placeholders = new Map<string, string>();
    const restore = new Map<string, string>();
    const counts = new Map<PiiType, number>();
    let redacted = '';
    let copied = 0;
    for (const span of this.find(text)) {
      const value = text.slice(span.start, span.end);
      const key = `${span.type}\u0000${value}`;
      let placeholder = placeholders.get(key);
      while (
        placeholder === undefined ||
        (!restore.has(placeholder) && text.includes(placeholder))
      ) {
        const count = (counts.get(span.type) ?? 0) + 1;
        counts.set(span.type, count);
        placeholder = `[${span.type}_${count}]`;
      }
      placeholders.set(key, placeholder);
      restore.set(placeholder, value);
      redacted += text.slice(copied, span.start) + placeholder;
      copied = span.end;
    }
    return { text: redacted + text.slice(copied), restore };
  }

  #find(text: string, checkpoint: Checkpoint): readonly PiiSpan[] {
    const found: PiiSpan[] = [];
    for (let start = 0; start < text.length && found.length < MAX_SPANS; start += PIECE - OVERLAP) {
      checkpoint();
      found.push(...this.#findIn(text.slice(start, start + PIECE), start));
    }
    return withoutOverlaps(found.filter((span) => span.confidence >= this.#minConfidence));
  }

  #findIn(piece: string, offset: number): readonly PiiSpan[] {
    const hasNumbers = /\d[^]*\d/.test(piece);
    const spans = PII_PATTERNS.filter(
      ({ type }) => this.#types.has(type) && (hasNumbers || !NUMERIC.has(type)),
    ).flatMap((pattern) => matchPattern(piece, pattern));
    return [...spans, ...this.#namesAndStreets(piece)].map((span) => ({
      ...span,
      start: span.start + offset,
      end: span.end + offset,
    }));
  }

  #namesAndStreets(piece: string): readonly PiiSpan[] {
    if (this.#tagged.length === 0) return [];
    const spans = tagText(piece, shippedTagger())
      .filter(({ type }) => this.#types.has(type))
      .map((span): PiiSpan => ({ ...span, confidence: 0.4 + 0.6 * span.confidence }));
    if (!this.#types.has('PERSON')) return spans;
    const introduced = findNames(piece).map((span): PiiSpan => ({ type: 'PERSON', ...span }));
    const names = [...spans.filter(({ type }) => type === 'PERSON'), ...introduced];
    const again = repeatedNames(piece, names).map((span): PiiSpan => ({ type: 'PERSON', ...span }));
    return [...spans, ...introduced, ...again];
  }
}

/** Puts the original values back. Unknown placeholders stay as they are. */
export function restoreRedacted(text: string, redaction: Pick<Redaction, 'restore'>): string {
  return text.replaceAll(
    /\[[A-Z_]{3,24}_\d{1,6}\]/g,
    (placeholder) => redaction.restore.get(placeholder) ?? placeholder,
  );
}

function matchPattern(piece: string, pattern: PiiPattern): readonly PiiSpan[] {
  const spans: PiiSpan[] = [];
  for (const match of piece.matchAll(pattern.pattern)) {
    const value = match[pattern.group] ?? '';
    if (value === '' || pattern.check?.(value) === false) continue;
    const start = match.index + (pattern.group === 0 ? 0 : match[0].lastIndexOf(value));
    const before = piece.slice(Math.max(0, start - CONTEXT), start);
    if (pattern.context?.test(before) === false || pattern.unless?.test(before) === true) continue;
    spans.push({
      type: pattern.type,
      start,
      end: start + lengthOf(pattern.type, value),
      confidence: pattern.confidence,
    });
  }
  return spans;
}

/** A value does not end in the punctuation of its sentence, but a password may. */
function lengthOf(type: PiiType, value: string): number {
  const punctuation = type === 'PASSWORD' ? /[\s.,;:)\]}'"]+$/ : /[\s.,;:!?)\]}'"/-]+$/;
  const ends = type === 'URL' ? /[\s.,;:!?)\]}'"]+$/ : punctuation;
  return (type === 'IP_ADDRESS' ? value : value.replace(ends, '')).length;
}

/** The surer span wins, then the longer, then the earlier. */
function withoutOverlaps(spans: readonly PiiSpan[]): readonly PiiSpan[] {
  const kept: PiiSpan[] = [];
  const ranked = spans.toSorted(
    (a, b) =>
      b.confidence - a.confidence || b.end - b.start - (a.end - a.start) || a.start - b.start,
  );
  const taken = new Set<number>();
  for (const span of ranked) {
    if (span.end <= span.start || taken.has(span.start) || taken.has(span.end - 1)) continue;
    let free = true;
    for (let i = span.start; i < span.end && free; i += 1) free = !taken.has(i);
    if (!free) continue;
    for (let i = span.start; i < span.end; i += 1) taken.add(i);
    kept.push(span);
  }
  return kept.toSorted((a, b) => a.start - b.start);
}

function judge(spans: readonly PiiSpan[]): Judgement {
  if (spans.length === 0) {
    return { outcome: 'pass', score: 1, findings: [], reason: 'no personal data found' };
  }
  const findings = spans.map((span) => ({
    category: span.type,
    severity: SEVERITY[span.type] ?? 'medium',
    message: `personal data of type ${span.type}`,
    field: 'text',
    start: span.start,
    end: span.end,
  }));
  const surest = Math.max(...spans.slice(0, 1000).map((span) => span.confidence));
  return {
    outcome: 'fail',
    score: 1 - surest,
    findings,
    reason: `${spans.length} spans of personal data (${[...new Set(spans.map((s) => s.type))].slice(0, 6).join(', ')})`,
  };
}
