/**
 * A policy as data: rules about what an answer must or must not hold, each with an id.
 *
 * Patterns written by the operator are trusted to mean what they say but not to be fast: their
 * length is bounded, nested quantifiers are refused, and a match that takes too long is an error.
 *
 * @module
 */
import { EvalsError } from '../errors.ts';
import { isRecord } from '../evaluation.ts';
import type { Severity } from '../result.ts';

export interface RubricRule {
  readonly id: string;
  /** `must`: the output has to match. `must_not`: it may not. */
  readonly kind: 'must' | 'must_not';
  /** Shown to people; never matched. */
  readonly description: string;
  readonly severity: Exclude<Severity, 'none'>;
  /** The rule holds only when the request or the context matches this. Absent: always. */
  readonly when?: RegExp;
  readonly check:
    | { readonly by: 'pattern'; readonly pattern: RegExp }
    | { readonly by: 'phrases'; readonly phrases: readonly string[] }
    | { readonly by: 'classifier'; readonly classifier: RubricClassifier }
    | { readonly by: 'max_words'; readonly maxWords: number }
    | { readonly by: 'judge'; readonly criterion: string };
}

/** Built-in judgements a rule can name: the answer `is` this. */
export type RubricClassifier = 'refusal' | 'personal_data' | 'harmful' | 'empty';

const CLASSIFIERS: readonly string[] = ['refusal', 'personal_data', 'harmful', 'empty'];
const SEVERITIES: readonly string[] = ['low', 'medium', 'high', 'critical'];
const MAX_RULES = 200;
const MAX_PATTERN = 500;
const MAX_CRITERION = 2_000;

/**
 * Reads a policy: `{ rules: [{ id, must | must_not: {...}, when?, severity?, description? }] }`, as
 * parsed from the operator's file.
 *
 * @throws {EvalsError} EVALS_CONFIG_INVALID naming the rule
 */
export function readRubric(policy: unknown): readonly RubricRule[] {
  const rules = isRecord(policy) ? policy['rules'] : undefined;
  if (!Array.isArray(rules) || rules.length === 0 || rules.length > MAX_RULES) {
    throw refuse('policy', `it needs 1 to ${MAX_RULES} rules`);
  }
  const read = rules.map(readRule);
  if (new Set(read.map(({ id }) => id)).size !== read.length)
    throw refuse('policy', 'a rule id repeats');
  return read;
}

function readRule(rule: unknown, index: number): RubricRule {
  const id = isRecord(rule) && typeof rule['id'] === 'string' ? rule['id'] : '';
  if (!isRecord(rule) || id === '') throw refuse(`rule ${index}`, 'it needs an id');
  const kind = 'must' in rule ? 'must' : 'must_not';
  const severity = rule['severity'] ?? 'medium';
  if (typeof severity !== 'string' || !SEVERITIES.includes(severity)) {
    throw refuse(id, 'severity must be low, medium, high or critical');
  }
  if ('must' in rule === 'must_not' in rule)
    throw refuse(id, 'it needs either `must` or `must_not`');
  const when = rule['when'];
  return {
    id,
    kind,
    description: typeof rule['description'] === 'string' ? rule['description'] : id,
    severity: severity as RubricRule['severity'],
    ...(when === undefined ? {} : { when: readPattern(id, when) }),
    check: readCheck(id, rule[kind]),
  };
}

function readCheck(id: string, check: unknown): RubricRule['check'] {
  if (!isRecord(check)) throw refuse(id, 'the check is not an object');
  if ('pattern' in check) return { by: 'pattern', pattern: readPattern(id, check['pattern']) };
  const phrases = check['phrases'];
  if (
    Array.isArray(phrases) &&
    phrases.length > 0 &&
    phrases.every((p) => typeof p === 'string' && p !== '')
  ) {
    return { by: 'phrases', phrases: phrases.map((phrase) => String(phrase).toLowerCase()) };
  }
  const classifier = check['classifier'];
  if (typeof classifier === 'string' && CLASSIFIERS.includes(classifier)) {
    return { by: 'classifier', classifier: classifier as RubricClassifier };
  }
  const maxWords = check['max_words'];
  if (typeof maxWords === 'number' && Number.isInteger(maxWords) && maxWords > 0) {
    return { by: 'max_words', maxWords };
  }
  return readCriterion(id, check['judge']);
}

function readCriterion(id: string, criterion: unknown): RubricRule['check'] {
  if (typeof criterion === 'string' && criterion !== '' && criterion.length <= MAX_CRITERION) {
    return { by: 'judge', criterion };
  }
  throw refuse(id, 'the check must be pattern, phrases, classifier, max_words or judge');
}

function readPattern(id: string, pattern: unknown): RegExp {
  if (typeof pattern !== 'string' || pattern === '' || pattern.length > MAX_PATTERN) {
    throw refuse(id, `a pattern is a string of 1 to ${MAX_PATTERN} characters`);
  }
  if (/[+*}]\)?[+*{]|\([^()]*[+*][^()]*\)[+*{]/.test(pattern)) {
    throw refuse(id, 'a quantifier inside a quantified group can take exponential time');
  }
  try {
    return new RegExp(pattern, 'iu');
  } catch (cause) {
    throw new EvalsError(
      'EVALS_CONFIG_INVALID',
      `cannot use rule ${id}: not a regular expression`,
      { cause },
    );
  }
}

function refuse(where: string, why: string): EvalsError {
  return new EvalsError('EVALS_CONFIG_INVALID', `cannot use the rubric (${where}): ${why}`);
}
