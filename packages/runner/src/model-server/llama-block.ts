/**
 * Computes a block of successive tokens of one sequence: attention and feed-forward of every layer.
 *
 * All places are in the arena and were sized from the validated configuration; nothing is checked
 * here. A block has at most `BLOCK_TOKENS` tokens, so that weights fetched once serve all of them.
 *
 * @module
 */
import type { Arena, Rows } from './arena.ts';
import { ServeError } from './errors.ts';
import { roundUp } from './key-value-cache.ts';
import type { KeyValueCache } from './key-value-cache.ts';
import type { LlamaConfig } from './llama-config.ts';
import type { LayerWeights, LlamaWeights, Matrix } from './llama-weights.ts';
import { add, gated, normalise, rotate, softmax } from './vectors.ts';
import type { RotaryTable } from './vectors.ts';

export const BLOCK_TOKENS = 16;

export interface Engine {
  readonly config: LlamaConfig;
  readonly arena: Arena;
  readonly weights: LlamaWeights;
  readonly cache: KeyValueCache;
  readonly rotary: RotaryTable;
  readonly scratch: Scratch;
}

/** Intermediate results, one row per token of the block; shared, since a block never yields. */
export interface Scratch {
  readonly x: Rows;
  readonly h: Rows;
  readonly q: Rows;
  readonly v: Rows;
  readonly attended: Rows;
  readonly projected: Rows;
  readonly gate: Rows;
  readonly up: Rows;
  readonly scores: Rows;
  readonly logits: Rows;
}

/** `count` tokens from `position` on of the sequence in `slot`. */
interface Block {
  readonly slot: number;
  readonly position: number;
  readonly count: number;
}

/** @throws {ServeError} model_invalid when there is no memory for them */
export function makeScratch(arena: Arena, config: LlamaConfig): Scratch {
  const rows = (length: number, count = BLOCK_TOKENS): Rows => {
    const at = arena.allocate(count * length);
    if (at === null) throw new ServeError('model_invalid', 'the model needs too much memory');
    return { at, stride: length };
  };
  const { hiddenSize, intermediateSize, headSize } = config;
  return {
    x: rows(hiddenSize),
    h: rows(hiddenSize),
    q: rows(config.heads * headSize),
    v: rows(config.keyValueHeads * headSize),
    attended: rows(config.heads * headSize),
    projected: rows(hiddenSize),
    gate: rows(intermediateSize),
    up: rows(intermediateSize),
    scores: rows(roundUp(config.maxPositions)),
    logits: rows(config.vocabularySize, 1),
  };
}

/** Reads `tokens` into the sequence; its last hidden states stay in the scratch rows `x`. */
export function readBlock(
  engine: Engine,
  slot: number,
  position: number,
  tokens: readonly number[],
): void {
  const { arena, weights, scratch } = engine;
  const { embedding } = weights;
  tokens.forEach((token, t) => {
    const from = embedding.at + token * embedding.stride;
    arena.floats.copyWithin(scratch.x.at + t * scratch.x.stride, from, from + embedding.columns);
  });
  const block = { slot, position, count: tokens.length };
  weights.layers.forEach((layer, index) => {
    attention(engine, layer, block, index);
    feedForward(engine, layer, block.count);
  });
}

/** Writes the logits that follow token `t` of the block just read to `out`. */
export function readLogits(engine: Engine, t: number, out: Float32Array): void {
  const { arena, weights, scratch } = engine;
  const { h, x, logits } = scratch;
  norm(engine, weights.finalNorm, x.at + t * x.stride, h.at);
  multiply(engine, weights.output, { x: h, out: logits, count: 1 });
  out.set(arena.floats.subarray(logits.at, logits.at + out.length));
}

function attention(engine: Engine, layer: LayerWeights, block: Block, index: number): void {
  const { arena, cache, config, rotary, scratch } = engine;
  const { x, h, q, v, attended, projected } = scratch;
  const { slot, position, count } = block;
  const keys = cache.keys(slot, index);
  const newKeys = { at: keys.at + position * keys.stride, stride: keys.stride };
  for (let t = 0; t < count; t += 1) {
    norm(engine, layer.inputNorm, x.at + t * x.stride, h.at + t * h.stride);
  }
  multiply(engine, layer.q, { x: h, out: q, count });
  multiply(engine, layer.k, { x: h, out: newKeys, count });
  multiply(engine, layer.v, { x: h, out: v, count });
  cache.storeValues({ slot, layer: index, position, count }, v);
  for (let t = 0; t < count; t += 1) {
    const queries = { at: q.at + t * q.stride, count: config.heads };
    const fresh = { at: newKeys.at + t * newKeys.stride, count: config.keyValueHeads };
    rotate(arena.floats, rotary, position + t, queries);
    rotate(arena.floats, rotary, position + t, fresh);
  }
  const values = cache.values(slot, index);
  for (let head = 0; head < config.heads; head += 1) {
    attendHead(engine, { keys, values, head }, block);
  }
  multiply(engine, layer.o, { x: attended, out: projected, count });
  addProjected(engine, count);
}

interface Head {
  readonly keys: Rows;
  readonly values: Rows;
  readonly head: number;
}

/** One head for all tokens of the block; no token sees those after it. */
function attendHead(engine: Engine, { keys, values, head }: Head, block: Block): void {
  const { arena, config, scratch } = engine;
  const { q, scores, attended } = scratch;
  const { headSize } = config;
  const { position, count } = block;
  const from = Math.floor(head / (config.heads / config.keyValueHeads)) * headSize;
  const seen = position + count;
  const padded = roundUp(seen);
  arena.multiply(
    { at: keys.at + from, stride: keys.stride },
    { at: q.at + head * headSize, stride: q.stride },
    scores,
    { rows: seen, tokens: count, columns: headSize },
  );
  const scale = 1 / Math.sqrt(headSize);
  for (let t = 0; t < count; t += 1) {
    const length = { count: position + t + 1, padded };
    softmax(arena, scores.at + t * scores.stride, scale, length);
  }
  arena.multiply(
    { at: values.at + from * values.stride, stride: values.stride },
    scores,
    { at: attended.at + head * headSize, stride: attended.stride },
    { rows: headSize, tokens: count, columns: padded },
  );
}

function feedForward(engine: Engine, layer: LayerWeights, count: number): void {
  const { arena, scratch } = engine;
  const { x, h, gate, up, projected } = scratch;
  for (let t = 0; t < count; t += 1) {
    norm(engine, layer.postNorm, x.at + t * x.stride, h.at + t * h.stride);
  }
  multiply(engine, layer.gate, { x: h, out: gate, count });
  multiply(engine, layer.up, { x: h, out: up, count });
  gated(arena, gate.at, up.at, count * gate.stride);
  multiply(engine, layer.down, { x: gate, out: projected, count });
  addProjected(engine, count);
}

function addProjected({ arena, scratch }: Engine, count: number): void {
  add(arena.floats, scratch.x.at, scratch.projected.at, count * scratch.x.stride);
}

function norm({ arena, config }: Engine, weights: number, x: number, out: number): void {
  const { hiddenSize: length, normEpsilon: epsilon } = config;
  normalise(arena.floats, { at: weights, length, epsilon }, x, out);
}

function multiply(
  { arena }: Engine,
  matrix: Matrix,
  vectors: { readonly x: Rows; readonly out: Rows; readonly count: number },
): void {
  const { rows, columns } = matrix;
  arena.multiply(matrix, vectors.x, vectors.out, { rows, tokens: vectors.count, columns });
}
