/**
 * A regular expression written by somebody else, on text written by somebody else, in bounded time.
 *
 * A backtracking matcher can take time exponential in the text, and nothing in the language stops it.
 * Where pattern and text are harmless together the match runs at once; otherwise it runs under the
 * watchdog of `node:vm`, which ends it. The context holds no code but the one call, and is no sandbox.
 *
 * @module
 */
import { createContext, Script } from 'node:vm';

import { EvalsError } from '../errors.ts';

/** For one match; the watchdog costs about a millisecond. */
const MATCH_MS = 1_000;
/** Steps of a matcher that surely end within some milliseconds. */
const FEW_STEPS = 1e6;

const call = new Script('pattern.test(text)');
const place: { pattern: RegExp; text: string } = { pattern: /(?:)/, text: '' };
const context = createContext(place);

/**
 * @param limitMs what is left of the caller's time
 * @throws {EvalsError} EVALS_TIMEOUT when it takes longer than that, or than a second
 */
export function matches(pattern: RegExp, text: string, limitMs: number = MATCH_MS): boolean {
  if (stepsOf(pattern.source, text.length) <= FEW_STEPS) return pattern.test(text);
  place.pattern = pattern;
  place.text = text;
  const timeout = Math.max(1, Math.ceil(Math.min(MATCH_MS, limitMs)));
  try {
    return call.runInContext(context, { timeout }) === true;
  } catch (cause) {
    throw new EvalsError(
      'EVALS_TIMEOUT',
      `a pattern of the policy took longer than ${timeout} ms`,
      {
        cause,
      },
    );
  } finally {
    place.text = '';
  }
}

/**
 * An upper bound of what a backtracking matcher does: every place to start, and for every quantifier
 * without a bound every length. A quantified group has none, because its alternatives may overlap.
 */
function stepsOf(source: string, length: number): number {
  if (/\)(?:[*+]|\{\d+,)/.test(source)) return Infinity;
  const unbounded = source.match(/[*+]|\{\d+,\}/g)?.length ?? 0;
  const bounded = source.match(/\{\d*,?\d+\}/g)?.length ?? 0;
  return (length + 1) ** (1 + unbounded + bounded);
}
