/**
 * Finds names of people and street addresses in running text: a linear chain over tokens.
 *
 * Every token gets one of `TAGS`, chosen for the whole line at once (Viterbi); the confidence of a
 * span is the least probability, over its tokens, of belonging to one of its kind (forward-backward).
 * Time is linear in the text: at most `MAX_RUN` tokens are decided together.
 *
 * @module
 */
import { MAX_TAG_FEATURES, tagFeatures } from './tag-features.ts';
import { lookUp } from './word-facts.ts';
import type { KnownToken } from './word-facts.ts';
import { TAG_COUNT } from './tagger-file.ts';
import type { TaggerWeights } from './tagger-file.ts';
import { tokenise } from './tokens.ts';

export interface TaggedSpan {
  readonly type: 'PERSON' | 'STREET_ADDRESS';
  readonly start: number;
  readonly end: number;
  /** In [0, 1]. */
  readonly confidence: number;
}

const MAX_RUN = 256;

export function tagText(text: string, tagger: TaggerWeights): readonly TaggedSpan[] {
  const tokens = lookUp(tokenise(text), tagger.lists);
  const spans: TaggedSpan[] = [];
  for (let from = 0; from < tokens.length;) {
    const to = runEnd(tokens, from);
    const run = tokens.slice(from, to);
    if (run.some(({ facts }) => facts.hasLetters)) spans.push(...tagRun(run, tagger));
    from = to;
  }
  return spans;
}

/** A run ends at the last line break that fits, or where it is full. */
function runEnd(tokens: readonly KnownToken[], from: number): number {
  const limit = Math.min(tokens.length, from + MAX_RUN);
  if (limit === tokens.length) return limit;
  for (let end = limit; end > from + MAX_RUN / 2; end -= 1) if (tokens[end]?.leads) return end;
  return limit;
}

function tagRun(tokens: readonly KnownToken[], tagger: TaggerWeights): readonly TaggedSpan[] {
  const scores = emissions(tokens, tagger);
  const tags = bestPath(scores, tagger.moves);
  if (tags.every((tag) => tag === 0)) return [];
  const chances = marginals(scores, tagger.moves);
  const spans: TaggedSpan[] = [];
  for (let i = 0; i < tags.length;) {
    const tag = tags[i] ?? 0;
    if (tag === 0) {
      i += 1;
      continue;
    }
    const person = tag <= 2;
    const inside = person ? 2 : 4;
    let end = i + 1;
    while (tags[end] === inside) end += 1;
    const first = tokens[i];
    const last = tokens[end - 1];
    if (first !== undefined && last !== undefined) {
      const confidence = least(chances, i, end, inside);
      const type = person ? 'PERSON' : 'STREET_ADDRESS';
      spans.push({ type, start: first.start, end: last.end, confidence });
    }
    i = end;
  }
  return spans;
}

/** The scores of all tags of all tokens, `[token * TAG_COUNT + tag]`. */
function emissions(tokens: readonly KnownToken[], { weights, scale }: TaggerWeights): Float64Array {
  const scores = new Float64Array(tokens.length * TAG_COUNT);
  const rows = new Int32Array(MAX_TAG_FEATURES);
  for (let at = 0; at < tokens.length; at += 1) {
    const count = tagFeatures(tokens, at, rows);
    for (let tag = 0; tag < TAG_COUNT; tag += 1) {
      let sum = 0;
      for (let i = 0; i < count; i += 1) sum += weights[(rows[i] ?? 0) * TAG_COUNT + tag] ?? 0;
      scores[at * TAG_COUNT + tag] = sum * scale;
    }
  }
  return scores;
}

function bestPath(scores: Float64Array, moves: readonly number[]): readonly number[] {
  const length = scores.length / TAG_COUNT;
  const best = Float64Array.from(scores);
  const back = new Uint8Array(scores.length);
  for (let i = 1; i < length; i += 1) {
    for (let tag = 0; tag < TAG_COUNT; tag += 1) {
      let [top, from] = [-Infinity, 0];
      for (let previous = 0; previous < TAG_COUNT; previous += 1) {
        const score =
          (best[(i - 1) * TAG_COUNT + previous] ?? 0) + (moves[previous * TAG_COUNT + tag] ?? 0);
        if (score > top) [top, from] = [score, previous];
      }
      best[i * TAG_COUNT + tag] = (scores[i * TAG_COUNT + tag] ?? 0) + top;
      back[i * TAG_COUNT + tag] = from;
    }
  }
  const path: number[] = [];
  const ends = best.subarray((length - 1) * TAG_COUNT);
  let tag = ends.indexOf(Math.max(...ends));
  for (let i = length - 1; i >= 0; i -= 1) {
    path.push(tag);
    tag = back[i * TAG_COUNT + tag] ?? 0;
  }
  return path.toReversed();
}

/** The probability of every tag of every token, given all scores of the run. */
export function marginals(scores: Float64Array, moves: readonly number[]): Float64Array {
  if (scores.length === 0) return scores;
  const before = sweep(scores, moves, 1);
  const after = sweep(scores, moves, -1);
  const ends = scores.subarray(scores.length - TAG_COUNT).map((score, tag) => {
    return score + (before[scores.length - TAG_COUNT + tag] ?? 0);
  });
  const total = logSum(ends);
  return scores.map((score, i) => Math.exp(score + (before[i] ?? 0) + (after[i] ?? 0) - total));
}

/** For every tag of every token, the log sum over all ways to get there from one end of the run. */
function sweep(scores: Float64Array, moves: readonly number[], direction: 1 | -1): Float64Array {
  const length = scores.length / TAG_COUNT;
  const sums = new Float64Array(scores.length);
  const terms = new Float64Array(TAG_COUNT);
  for (let step = 1; step < length; step += 1) {
    const at = (direction === 1 ? step : length - 1 - step) * TAG_COUNT;
    const came = at - direction * TAG_COUNT;
    for (let tag = 0; tag < TAG_COUNT; tag += 1) {
      for (let other = 0; other < TAG_COUNT; other += 1) {
        const move = direction === 1 ? other * TAG_COUNT + tag : tag * TAG_COUNT + other;
        terms[other] = (sums[came + other] ?? 0) + (scores[came + other] ?? 0) + (moves[move] ?? 0);
      }
      sums[at + tag] = logSum(terms);
    }
  }
  return sums;
}

function logSum(terms: Float64Array): number {
  let top = -Infinity;
  for (const term of terms) if (term > top) top = term;
  let sum = 0;
  for (const term of terms) sum += Math.exp(term - top);
  return top + Math.log(sum);
}

/** `inside` is the tag of the inside of the span's kind; the tag before it begins one. */
function least(chances: Float64Array, from: number, to: number, inside: number): number {
  let lowest = 1;
  for (let i = from; i < to; i += 1) {
    const row = i * TAG_COUNT + inside;
    lowest = Math.min(lowest, (chances[row] ?? 0) + (chances[row - 1] ?? 0));
  }
  return lowest;
}
