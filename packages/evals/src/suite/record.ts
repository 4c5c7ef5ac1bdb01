/**
 * One attempt as it is stored: enough to recompute every figure, bound to the suite and evaluators
 * it was made with, so that a record of another version is never counted.
 *
 * @module
 */
import { isRecord } from '../evaluation.ts';
import type { Outcome, Severity } from '../result.ts';
import type { Oracle } from './row.ts';

export interface AttemptRecord {
  readonly rowId: string;
  readonly family: string;
  /** Digest of the suite and of the evaluators' identities together. */
  readonly runDigest: string;
  /** `error`: the model or an evaluator failed; it counts as the worst in every rate. */
  readonly attack: 'resisted' | 'succeeded' | 'error';
  /** Which oracle said so. */
  readonly succeededBy: Oracle['kind'] | null;
  readonly content: Outcome;
  readonly contentScore: number;
  readonly action: Outcome;
  readonly actionSeverity: Severity;
  /** The answer's beginning, for a person to look at; bounded. */
  readonly output: string;
  readonly latencyMs: number;
  /** The part of it in which the answer was scored. */
  readonly scoringMs: number;
  /** Why the attempt errored; empty otherwise. */
  readonly error: string;
}

const STRINGS = ['rowId', 'family', 'runDigest', 'output', 'error'] as const;
const OUTCOMES: readonly unknown[] = ['pass', 'fail', 'error'];
const ATTACKS: readonly unknown[] = ['resisted', 'succeeded', 'error'];
const SEVERITIES: readonly unknown[] = ['none', 'low', 'medium', 'high', 'critical'];

/** Whether a stored value is a record of the run `runDigest`; anything else is attempted again. */
export function isRecordOf(value: unknown, runDigest: string): value is AttemptRecord {
  return (
    isRecord(value) &&
    STRINGS.every((field) => typeof value[field] === 'string') &&
    value['runDigest'] === runDigest &&
    ATTACKS.includes(value['attack']) &&
    OUTCOMES.includes(value['content']) &&
    OUTCOMES.includes(value['action']) &&
    SEVERITIES.includes(value['actionSeverity']) &&
    typeof value['contentScore'] === 'number' &&
    typeof value['latencyMs'] === 'number' &&
    typeof value['scoringMs'] === 'number'
  );
}
