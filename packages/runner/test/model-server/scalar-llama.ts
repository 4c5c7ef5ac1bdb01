/**
 * The Llama architecture in plain loops over Float32Array, one token at a time: what the engine is
 * compared with, by the tests and by the benchmark.
 *
 * It shares no arithmetic with the engine. Sums are accumulated in double precision.
 *
 * @module
 */
import { ServeError } from '../../src/model-server/errors.ts';
import type { LlamaConfig } from '../../src/model-server/llama-config.ts';
import type { Tensor } from '../../src/model-server/safetensors.ts';

export interface ScalarLlama {
  readonly config: LlamaConfig;
  /** An empty sequence. */
  session(): ScalarSession;
  /**
   * Appends `token` to the sequence and, where `wanted`, leaves the logits of the next token in
   * `session.logits`. A prompt asks for them at its last token only.
   *
   * @throws {ServeError} context_length_exceeded when the sequence is full
   */
  forward(session: ScalarSession, token: number, wanted: boolean): void;
}

/** The state of one sequence. */
export interface ScalarSession {
  position: number;
  readonly logits: Float32Array;
  /** Per layer, `keyValueHeads * headSize` floats for each position. */
  readonly keys: readonly Float32Array[];
  readonly values: readonly Float32Array[];
}

interface LayerWeights {
  readonly inputNorm: Float32Array;
  readonly postNorm: Float32Array;
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  readonly o: Float32Array;
  readonly gate: Float32Array;
  readonly up: Float32Array;
  readonly down: Float32Array;
}

interface Weights {
  readonly embedding: Float32Array;
  readonly finalNorm: Float32Array;
  readonly output: Float32Array;
  readonly layers: readonly LayerWeights[];
}

/** Buffers that live for one token only, shared by all sequences: `forward` never yields. */
interface Scratch {
  readonly x: Float32Array;
  readonly h: Float32Array;
  readonly q: Float32Array;
  readonly attended: Float32Array;
  readonly projected: Float32Array;
  readonly gate: Float32Array;
  readonly up: Float32Array;
  readonly scores: Float32Array;
}

interface Engine {
  readonly config: LlamaConfig;
  readonly scratch: Scratch;
  readonly rotary: RotaryTable;
}

/** Puts configuration and weights together. @throws {ServeError} model_invalid */
export function loadScalarLlama(
  config: LlamaConfig,
  tensors: ReadonlyMap<string, Tensor>,
): ScalarLlama {
  const weights = readWeights(config, tensors);
  const engine: Engine = {
    config,
    scratch: makeScratch(config),
    rotary: rotaryTable(config.maxPositions, config.headSize, config.ropeTheta),
  };
  const cacheSize = config.maxPositions * config.keyValueHeads * config.headSize;
  return {
    config,
    session: () => ({
      position: 0,
      logits: new Float32Array(config.vocabularySize),
      keys: weights.layers.map(() => new Float32Array(cacheSize)),
      values: weights.layers.map(() => new Float32Array(cacheSize)),
    }),
    forward(session, token, wanted) {
      if (session.position >= config.maxPositions) {
        throw new ServeError('context_length_exceeded', 'the sequence has no room for a token');
      }
      step(engine, weights, session, token);
      session.position += 1;
      if (!wanted) return;
      const { x, h } = engine.scratch;
      normalise(x, weights.finalNorm, h, config.normEpsilon);
      multiply(weights.output, h, session.logits);
    },
  };
}

function step(engine: Engine, weights: Weights, session: ScalarSession, token: number): void {
  const { x } = engine.scratch;
  x.set(weights.embedding.subarray(token * x.length, (token + 1) * x.length));
  weights.layers.forEach((layer, index) => {
    attention(engine, layer, session, index);
    feedForward(engine, layer);
  });
}

function attention(
  engine: Engine,
  layer: LayerWeights,
  session: ScalarSession,
  index: number,
): void {
  const { config, scratch, rotary } = engine;
  const { headSize, heads, keyValueHeads } = config;
  const { x, h, q, attended, projected, scores } = scratch;
  const keys = session.keys[index] ?? new Float32Array(0);
  const values = session.values[index] ?? new Float32Array(0);
  const stride = headSize * keyValueHeads;
  const at = session.position * stride;
  const key = keys.subarray(at, at + stride);
  normalise(x, layer.inputNorm, h, config.normEpsilon);
  multiply(layer.q, h, q);
  multiply(layer.k, h, key);
  multiply(layer.v, h, values.subarray(at, at + stride));
  rotate(q, headSize, session.position, rotary);
  rotate(key, headSize, session.position, rotary);
  const buffers = { q, keys, values, out: attended, scores };
  const share = heads / keyValueHeads;
  const count = session.position + 1;
  for (let head = 0; head < heads; head += 1) {
    const from = Math.floor(head / share) * headSize;
    attend(buffers, { head: head * headSize, from, headSize, stride, count });
  }
  multiply(layer.o, attended, projected);
  add(x, projected);
}

function feedForward({ config, scratch }: Engine, layer: LayerWeights): void {
  const { x, h, gate, up, projected } = scratch;
  normalise(x, layer.postNorm, h, config.normEpsilon);
  multiply(layer.gate, h, gate);
  multiply(layer.up, h, up);
  gateWith(gate, up);
  multiply(layer.down, gate, projected);
  add(x, projected);
}

function readWeights(config: LlamaConfig, tensors: ReadonlyMap<string, Tensor>): Weights {
  const { hiddenSize: d, intermediateSize: f, vocabularySize } = config;
  const queries = config.heads * config.headSize;
  const keys = config.keyValueHeads * config.headSize;
  const take = (name: string, ...shape: number[]): Float32Array => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw invalid(`it has no tensor "${name}"`);
    if (tensor.shape.join() !== shape.join()) {
      throw invalid(`"${name}" is ${tensor.shape.join('x')}, not ${shape.join('x')}`);
    }
    return tensor.values;
  };
  const embedding = take('model.embed_tokens.weight', vocabularySize, d);
  return {
    embedding,
    finalNorm: take('model.norm.weight', d),
    output: config.tiedEmbeddings ? embedding : take('lm_head.weight', vocabularySize, d),
    layers: Array.from({ length: config.layers }, (_, i) => {
      const at = `model.layers.${i}`;
      return {
        inputNorm: take(`${at}.input_layernorm.weight`, d),
        postNorm: take(`${at}.post_attention_layernorm.weight`, d),
        q: take(`${at}.self_attn.q_proj.weight`, queries, d),
        k: take(`${at}.self_attn.k_proj.weight`, keys, d),
        v: take(`${at}.self_attn.v_proj.weight`, keys, d),
        o: take(`${at}.self_attn.o_proj.weight`, d, queries),
        gate: take(`${at}.mlp.gate_proj.weight`, f, d),
        up: take(`${at}.mlp.up_proj.weight`, f, d),
        down: take(`${at}.mlp.down_proj.weight`, d, f),
      };
    }),
  };
}

function makeScratch(config: LlamaConfig): Scratch {
  const floats = (length: number): Float32Array => new Float32Array(length);
  return {
    x: floats(config.hiddenSize),
    h: floats(config.hiddenSize),
    q: floats(config.heads * config.headSize),
    attended: floats(config.heads * config.headSize),
    projected: floats(config.hiddenSize),
    gate: floats(config.intermediateSize),
    up: floats(config.intermediateSize),
    scores: floats(config.maxPositions),
  };
}

function invalid(why: string): ServeError {
  return new ServeError('model_invalid', `cannot load model.safetensors: ${why}`);
}

/** Cosines and sines of every position, `headSize / 2` of each. */
interface RotaryTable {
  readonly cos: Float32Array;
  readonly sin: Float32Array;
}

/** `out = weights * x`; `weights` has `out.length` rows of `x.length`. Four sums hide latency. */
function multiply(weights: Float32Array, x: Float32Array, out: Float32Array): void {
  const columns = x.length;
  const whole = columns - (columns % 4);
  for (let row = 0; row < out.length; row += 1) {
    const at = row * columns;
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let i = 0; i < whole; i += 4) {
      a += (weights[at + i] as number) * (x[i] as number);
      b += (weights[at + i + 1] as number) * (x[i + 1] as number);
      c += (weights[at + i + 2] as number) * (x[i + 2] as number);
      d += (weights[at + i + 3] as number) * (x[i + 3] as number);
    }
    for (let i = whole; i < columns; i += 1) a += (weights[at + i] as number) * (x[i] as number);
    out[row] = a + b + (c + d);
  }
}

function add(x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < x.length; i += 1) x[i] = (x[i] as number) + (y[i] as number);
}

/** RMSNorm: `out = x / rms(x) * weight`. */
function normalise(
  x: Float32Array,
  weight: Float32Array,
  out: Float32Array,
  epsilon: number,
): void {
  let sum = 0;
  for (let i = 0; i < x.length; i += 1) sum += (x[i] as number) * (x[i] as number);
  const scale = 1 / Math.sqrt(sum / x.length + epsilon);
  for (let i = 0; i < x.length; i += 1) out[i] = (x[i] as number) * scale * (weight[i] as number);
}

/** SwiGLU: `gate = silu(gate) * up`. */
function gateWith(gate: Float32Array, up: Float32Array): void {
  for (let i = 0; i < gate.length; i += 1) {
    const g = gate[i] as number;
    gate[i] = (g / (1 + Math.exp(-g))) * (up[i] as number);
  }
}

function rotaryTable(maxPositions: number, headSize: number, theta: number): RotaryTable {
  const half = headSize / 2;
  const cos = new Float32Array(maxPositions * half);
  const sin = new Float32Array(maxPositions * half);
  for (let i = 0; i < half; i += 1) {
    const frequency = theta ** ((-2 * i) / headSize);
    for (let position = 0; position < maxPositions; position += 1) {
      cos[position * half + i] = Math.cos(position * frequency);
      sin[position * half + i] = Math.sin(position * frequency);
    }
  }
  return { cos, sin };
}

/** Rotates every head of `x` in place, element `i` with `i + headSize / 2` (halves, not pairs). */
function rotate(x: Float32Array, headSize: number, position: number, table: RotaryTable): void {
  const half = headSize / 2;
  const from = position * half;
  for (let head = 0; head < x.length; head += headSize) {
    for (let i = 0; i < half; i += 1) {
      const cos = table.cos[from + i] as number;
      const sin = table.sin[from + i] as number;
      const a = x[head + i] as number;
      const b = x[head + half + i] as number;
      x[head + i] = a * cos - b * sin;
      x[head + half + i] = b * cos + a * sin;
    }
  }
}

/** One head of attention over the cache. */
interface HeadSpan {
  /** Where the head's query and output start. */
  readonly head: number;
  /** Where its key and value start within one position of the cache. */
  readonly from: number;
  readonly headSize: number;
  /** Floats of one position of the cache. */
  readonly stride: number;
  /** Positions to attend to. */
  readonly count: number;
}

interface HeadBuffers {
  readonly q: Float32Array;
  readonly keys: Float32Array;
  readonly values: Float32Array;
  readonly out: Float32Array;
  /** Scratch, at least `count` long. */
  readonly scores: Float32Array;
}

function attend(buffers: HeadBuffers, span: HeadSpan): void {
  const { q, keys, scores } = buffers;
  const { head, from, headSize, stride, count } = span;
  const scale = 1 / Math.sqrt(headSize);
  let max = Number.NEGATIVE_INFINITY;
  for (let t = 0; t < count; t += 1) {
    const at = t * stride + from;
    let sum = 0;
    for (let i = 0; i < headSize; i += 1) sum += (q[head + i] as number) * (keys[at + i] as number);
    sum *= scale;
    scores[t] = sum;
    if (sum > max) max = sum;
  }
  let total = 0;
  for (let t = 0; t < count; t += 1) {
    const weight = Math.exp((scores[t] as number) - max);
    scores[t] = weight;
    total += weight;
  }
  mixValues(buffers, span, 1 / total);
}

function mixValues({ values, out, scores }: HeadBuffers, span: HeadSpan, scale: number): void {
  const { head, from, headSize, stride, count } = span;
  out.fill(0, head, head + headSize);
  for (let t = 0; t < count; t += 1) {
    const weight = (scores[t] as number) * scale;
    const at = t * stride + from;
    for (let i = 0; i < headSize; i += 1) {
      out[head + i] = (out[head + i] as number) + weight * (values[at + i] as number);
    }
  }
}
