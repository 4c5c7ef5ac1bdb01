/**
 * Trains the tagger: a conditional random field by AdaGrad, one text at a time, seeded.
 *
 * Features and probabilities come from the very code that ships.
 *
 * @module
 */
import {
  MAX_TAG_FEATURES,
  TAG_BITS,
  TAG_SCHEME,
  tagFeatures,
} from '../../../../packages/evals/src/pii/tagger/tag-features.ts';
import { WORD_LISTS, lookUp } from '../../../../packages/evals/src/pii/tagger/word-facts.ts';
import type { WordList } from '../../../../packages/evals/src/pii/tagger/word-facts.ts';
import { marginals } from '../../../../packages/evals/src/pii/tagger/tagger.ts';
import { TAG_COUNT, TAGGER_FORMAT } from '../../../../packages/evals/src/pii/tagger/tagger-file.ts';
import { tokenise } from '../../../../packages/evals/src/pii/tagger/tokens.ts';
import { rng } from '../grammar.ts';
import type { Sample } from './person-rows.ts';

export interface TrainLists {
  readonly lists: Readonly<Record<WordList, ReadonlySet<number>>>;
}

interface Packed {
  /** Rows of features, `starts[i]` to `starts[i + 1]` for token i. */
  readonly rows: Int32Array;
  readonly starts: Uint32Array;
  readonly tags: Uint8Array;
  readonly weight: number;
}

export interface Chain {
  readonly weights: Float32Array;
  readonly moves: Float64Array;
}

const MAX_TOKENS = 256;
const FORBIDDEN = -20;

export function pack(sample: Sample, lists: TrainLists['lists'], weight: number): Packed | undefined {
  const tokens = lookUp(tokenise(sample.text).slice(0, MAX_TOKENS), lists);
  if (tokens.length === 0) return undefined;
  const tags = new Uint8Array(tokens.length);
  for (const span of sample.spans) {
    const base = span.type === 'PERSON' ? 1 : 3;
    let first = true;
    for (const [i, token] of tokens.entries()) {
      if (token.start < span.start || token.end > span.end) continue;
      tags[i] = first ? base : base + 1;
      first = false;
    }
  }
  const out = new Int32Array(MAX_TAG_FEATURES);
  const starts = new Uint32Array(tokens.length + 1);
  const rows: number[] = [];
  for (let i = 0; i < tokens.length; i += 1) {
    const count = tagFeatures(tokens, i, out);
    for (let f = 0; f < count; f += 1) rows.push(out[f] ?? 0);
    starts[i + 1] = rows.length;
  }
  return { rows: Int32Array.from(rows), starts, tags, weight };
}

export interface TrainOptions {
  readonly epochs: number;
  readonly rate: number;
  readonly l2: number;
  /** Share of features left out of a step, so that no single word decides. */
  readonly dropout: number;
  /** Share of tokens whose own word is hidden, so that names nobody listed are learnt too. */
  readonly wordDropout: number;
}

/** Where `tagFeatures` puts the features of the token's own word. */
const OWN_WORD = [1, 6, 7];

export function trainChain(
  packed: readonly Packed[],
  options: TrainOptions,
  log: (line: string) => void,
): Chain {
  const size = 2 ** TAG_BITS * TAG_COUNT;
  const weights = new Float32Array(size);
  const squares = new Float32Array(size).fill(1e-4);
  const moves = Float64Array.from({ length: TAG_COUNT * TAG_COUNT }, (_, at) =>
    allowed(at) ? 0 : FORBIDDEN,
  );
  const moveSquares = new Float64Array(TAG_COUNT * TAG_COUNT).fill(1e-2);
  const random = rng(5);
  const order = Array.from(packed.keys());
  for (let epoch = 0; epoch < options.epochs; epoch += 1) {
    shuffle(order, random);
    let loss = 0;
    for (const index of order) {
      const item = packed[index];
      if (item !== undefined) loss += step(item, { weights, squares, moves, moveSquares }, options, random);
    }
    log(`epoch ${epoch + 1}: ${(loss / packed.length).toFixed(4)}`);
  }
  return { weights, moves };
}

function shuffle(order: number[], random: ReturnType<typeof rng>): void {
  for (let i = order.length - 1; i > 0; i -= 1) {
    const j = random.int(0, i);
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
}

interface State extends Chain {
  readonly squares: Float32Array;
  readonly moveSquares: Float64Array;
}

/** One step; returns the mean loss of a token. */
function step(item: Packed, state: State, options: TrainOptions, random: ReturnType<typeof rng>): number {
  const { starts, tags, weight } = item;
  const { weights, squares, moves, moveSquares } = state;
  const length = tags.length;
  const scores = new Float64Array(length * TAG_COUNT);
  const kept = Uint8Array.from(item.rows, () => (random.next() < options.dropout ? 0 : 1));
  for (let i = 0; i < length; i += 1) {
    if (random.next() < options.wordDropout)
      for (const at of OWN_WORD) kept[(starts[i] ?? 0) + at] = 0;
    forRows(item, i, kept, (row) => {
      for (let tag = 0; tag < TAG_COUNT; tag += 1) {
        const at = i * TAG_COUNT + tag;
        scores[at] = (scores[at] ?? 0) + (weights[row + tag] ?? 0);
      }
    });
  }
  const chances = marginals(scores, Array.from(moves));
  let loss = 0;
  for (let i = 0; i < length; i += 1) {
    loss -= Math.log(Math.max(1e-12, chances[i * TAG_COUNT + (tags[i] ?? 0)] ?? 0));
    for (let tag = 0; tag < TAG_COUNT; tag += 1) {
      const error = ((chances[i * TAG_COUNT + tag] ?? 0) - (tags[i] === tag ? 1 : 0)) * weight;
      if (Math.abs(error) < 1e-4) continue;
      forRows(item, i, kept, (row) => {
        const gradient = error + options.l2 * (weights[row + tag] ?? 0);
        squares[row + tag] = (squares[row + tag] ?? 0) + gradient * gradient;
        weights[row + tag] =
          (weights[row + tag] ?? 0) - (options.rate * gradient) / Math.sqrt(squares[row + tag] ?? 1);
      });
    }
  }
  moveStep(item, chances, moves, moveSquares);
  return loss / length;
}

/** Calls `visit` with where the weights of each kept feature of a token begin. */
function forRows(
  { rows, starts }: Packed,
  token: number,
  kept: Uint8Array,
  visit: (row: number) => void,
): void {
  for (let f = starts[token] ?? 0; f < (starts[token + 1] ?? 0); f += 1) {
    if (kept[f] === 1) visit((rows[f] ?? 0) * TAG_COUNT);
  }
}

/** Moves by the difference of what is and what neighbouring marginals expect (taken as independent). */
function moveStep(
  { tags, weight }: Packed,
  chances: Float64Array,
  moves: Float64Array,
  moveSquares: Float64Array,
): void {
  for (let i = 1; i < tags.length; i += 1) {
    const moved = (tags[i - 1] ?? 0) * TAG_COUNT + (tags[i] ?? 0);
    const before = chances.subarray((i - 1) * TAG_COUNT, i * TAG_COUNT);
    const here = chances.subarray(i * TAG_COUNT, (i + 1) * TAG_COUNT);
    for (const [at, move] of moves.entries()) {
      const expected = (before[Math.floor(at / TAG_COUNT)] ?? 0) * (here[at % TAG_COUNT] ?? 0);
      const gradient = (expected - (at === moved ? 1 : 0)) * weight;
      if (!allowed(at) || Math.abs(gradient) < 1e-4) continue;
      moveSquares[at] = (moveSquares[at] ?? 0) + gradient * gradient;
      moves[at] = move - (0.1 * gradient) / Math.sqrt(moveSquares[at] ?? 1);
    }
  }
}

/** The bytes of the shipped file. */
export function encodeTagger(
  { weights, moves }: Chain,
  lists: Readonly<Record<WordList, ReadonlySet<number>>>,
): Uint8Array {
  const sorted = Float32Array.from(weights, Math.abs).toSorted();
  const nonzero = sorted.findIndex((value) => value > 0);
  const top = sorted[Math.floor(nonzero + (sorted.length - nonzero) * 0.9995)] ?? 1;
  const scale = Number((top / 127).toPrecision(6));
  const body = Int8Array.from(weights, (value) =>
    Math.max(-127, Math.min(127, Math.round(value / scale))),
  );
  const words = WORD_LISTS.map((name) =>
    [...lists[name]].toSorted((a, b) => a - b).flatMap((word) => [word >> 16, (word >> 8) & 255, word & 255]),
  );
  const header = {
    format: TAGGER_FORMAT,
    features: TAG_SCHEME,
    bits: TAG_BITS,
    scale,
    moves: Array.from(moves, (move) => Number(move.toFixed(4))),
    lists: Object.fromEntries(WORD_LISTS.map((name) => [name, lists[name].size])),
  };
  return Buffer.concat([
    Buffer.from(`${JSON.stringify(header)}\n`),
    Buffer.from(body.buffer),
    ...words.map((bytes) => Buffer.from(bytes)),
  ]);
}

/** The inside of a span follows its beginning or its inside. */
function allowed(move: number): boolean {
  const [from, to] = [Math.floor(move / TAG_COUNT), move % TAG_COUNT];
  return to === 2 ? from === 1 || from === 2 : to === 4 ? from === 3 || from === 4 : true;
}
