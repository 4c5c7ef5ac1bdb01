/**
 * The Llama architecture, forward only: RMSNorm, rotary positions, grouped-query attention, SwiGLU.
 *
 * One token at a time with a key-value cache per sequence; sequences may be interleaved. Tensor names
 * and the rotary layout are those of Hugging Face's LlamaForCausalLM, so that other runtimes load the
 * same folder. There is nothing between the verified bytes and the arithmetic of kernels.ts: no
 * native addon, no quantisation, no cache on disk.
 *
 * @module
 */
import { ServeError } from './errors.ts';
import { add, attend, gateWith, multiply, normalise, rotaryTable, rotate } from './kernels.ts';
import type { RotaryTable } from './kernels.ts';
import type { LlamaConfig } from './llama-config.ts';
import type { Tensor } from './safetensors.ts';

export interface Llama {
  readonly config: LlamaConfig;
  /** An empty sequence. */
  session(): Session;
  /**
   * Appends `token` to the sequence and, where `wanted`, leaves the logits of the next token in
   * `session.logits`. A prompt asks for them at its last token only.
   *
   * @throws {ServeError} context_length_exceeded when the sequence is full
   */
  forward(session: Session, token: number, wanted: boolean): void;
}

/** The state of one sequence. */
export interface Session {
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
export function loadLlama(config: LlamaConfig, tensors: ReadonlyMap<string, Tensor>): Llama {
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

function step(engine: Engine, weights: Weights, session: Session, token: number): void {
  const { x } = engine.scratch;
  x.set(weights.embedding.subarray(token * x.length, (token + 1) * x.length));
  weights.layers.forEach((layer, index) => {
    attention(engine, layer, session, index);
    feedForward(engine, layer);
  });
}

function attention(engine: Engine, layer: LayerWeights, session: Session, index: number): void {
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
