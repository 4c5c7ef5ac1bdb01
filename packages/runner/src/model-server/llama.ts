/**
 * The Llama architecture, forward only: RMSNorm, rotary positions, grouped-query attention, SwiGLU.
 *
 * One sequence at a time with a key-value cache. Tensor names and the rotary layout (halves, not
 * pairs) are those of Hugging Face's LlamaForCausalLM, so that other runtimes load the same folder.
 * Plain loops over Float32Array: for a few million parameters that is faster than moving data to
 * anything else, and there is nothing between the verified bytes and the arithmetic.
 *
 * @module
 */
import { ServeError } from './errors.ts';
import type { Tensor } from './safetensors.ts';

export interface LlamaConfig {
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly maxPositions: number;
  readonly normEpsilon: number;
  readonly ropeTheta: number;
}

/** A loaded model; `forward` runs one token at a position and fills `logits`. */
export interface Llama {
  readonly config: LlamaConfig;
  /**
   * Runs `token` at `position` (from 0, each position once and in order) and, where `wanted`, leaves
   * the logits of the next token in `logits`.
   */
  forward(session: Session, token: number, wanted: boolean): void;
  session(): Session;
}

/** The state of one sequence. */
export interface Session {
  position: number;
  readonly logits: Float32Array;
  /** Per layer: keys, then values, `position * keyValueSize` floats each. */
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

const LIMITS = { vocabulary: 300_000, hidden: 8192, intermediate: 32_768, layers: 128 };

/** Reads `config.json`. @throws {ServeError} model_invalid */
export function readLlamaConfig(text: string): LlamaConfig {
  const json = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const whole = (key: string, max: number): number => {
    const value = json[key];
    if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value <= max) {
      return value;
    }
    throw invalid(`config.json: ${key} is not a whole number from 1 to ${max}`);
  };
  const real = (key: string): number => {
    const value = json[key];
    if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
    throw invalid(`config.json: ${key} is not a positive number`);
  };
  if (json['model_type'] !== 'llama') throw invalid('config.json: model_type is not "llama"');
  if (json['tie_word_embeddings'] !== true) throw invalid('config.json: embeddings are not tied');
  const config = {
    vocabularySize: whole('vocab_size', LIMITS.vocabulary),
    hiddenSize: whole('hidden_size', LIMITS.hidden),
    intermediateSize: whole('intermediate_size', LIMITS.intermediate),
    layers: whole('num_hidden_layers', LIMITS.layers),
    heads: whole('num_attention_heads', 128),
    keyValueHeads: whole('num_key_value_heads', 128),
    maxPositions: whole('max_position_embeddings', 131_072),
    normEpsilon: real('rms_norm_eps'),
    ropeTheta: real('rope_theta'),
  };
  const headSize = config.hiddenSize / config.heads;
  if (headSize % 2 !== 0 || config.heads % config.keyValueHeads !== 0) {
    throw invalid('config.json: heads do not divide the hidden size evenly');
  }
  return config;
}

/** Puts weights and configuration together. @throws {ServeError} model_invalid */
export function loadLlama(config: LlamaConfig, tensors: ReadonlyMap<string, Tensor>): Llama {
  const { hiddenSize: d, intermediateSize: f } = config;
  const kv = (d / config.heads) * config.keyValueHeads;
  const take = (name: string, ...shape: number[]): Float32Array => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw invalid(`model.safetensors: no tensor "${name}"`);
    if (tensor.shape.join() !== shape.join()) {
      throw invalid(
        `model.safetensors: "${name}" is ${tensor.shape.join('x')}, not ${shape.join('x')}`,
      );
    }
    return tensor.values;
  };
  const embedding = take('model.embed_tokens.weight', config.vocabularySize, d);
  const finalNorm = take('model.norm.weight', d);
  const layers = Array.from({ length: config.layers }, (_, i): LayerWeights => {
    const at = `model.layers.${i}`;
    return {
      inputNorm: take(`${at}.input_layernorm.weight`, d),
      postNorm: take(`${at}.post_attention_layernorm.weight`, d),
      q: take(`${at}.self_attn.q_proj.weight`, d, d),
      k: take(`${at}.self_attn.k_proj.weight`, kv, d),
      v: take(`${at}.self_attn.v_proj.weight`, kv, d),
      o: take(`${at}.self_attn.o_proj.weight`, d, d),
      gate: take(`${at}.mlp.gate_proj.weight`, f, d),
      up: take(`${at}.mlp.up_proj.weight`, f, d),
      down: take(`${at}.mlp.down_proj.weight`, d, f),
    };
  });
  const rotary = rotaryTable(config);
  const scratch = makeScratch(config);

  return {
    config,
    session: () => ({
      position: 0,
      logits: new Float32Array(config.vocabularySize),
      keys: layers.map(() => new Float32Array(config.maxPositions * kv)),
      values: layers.map(() => new Float32Array(config.maxPositions * kv)),
    }),
    forward(session, token, wanted) {
      const { x } = scratch;
      x.set(embedding.subarray(token * d, token * d + d));
      layers.forEach((layer, i) => {
        attention(config, layer, { session, index: i, rotary, scratch });
        feedForward(config, layer, scratch);
      });
      session.position += 1;
      if (!wanted) return;
      normalise(x, finalNorm, scratch.h, config.normEpsilon);
      multiply(embedding, scratch.h, session.logits);
    },
  };
}

interface Place {
  readonly session: Session;
  readonly index: number;
  readonly rotary: { readonly cos: Float32Array; readonly sin: Float32Array };
  readonly scratch: Scratch;
}

function attention(config: LlamaConfig, layer: LayerWeights, place: Place): void {
  const { session, index, rotary, scratch } = place;
  const { x, h, q, attended, projected } = scratch;
  const size = config.hiddenSize / config.heads;
  const kvSize = size * config.keyValueHeads;
  const keys = session.keys[index] ?? new Float32Array(0);
  const values = session.values[index] ?? new Float32Array(0);
  const at = session.position * kvSize;
  const key = keys.subarray(at, at + kvSize);
  normalise(x, layer.inputNorm, h, config.normEpsilon);
  multiply(layer.q, h, q);
  multiply(layer.k, h, key);
  multiply(layer.v, h, values.subarray(at, at + kvSize));
  rotate(q, size, session.position, rotary);
  rotate(key, size, session.position, rotary);
  const share = config.heads / config.keyValueHeads;
  for (let head = 0; head < config.heads; head += 1) {
    const from = Math.floor(head / share) * size;
    attendHead(
      { q, keys, values, out: attended, scores: scratch.scores },
      {
        head: head * size,
        from,
        size,
        stride: kvSize,
        count: session.position + 1,
      },
    );
  }
  multiply(layer.o, attended, projected);
  add(x, projected);
}

interface HeadBuffers {
  readonly q: Float32Array;
  readonly keys: Float32Array;
  readonly values: Float32Array;
  readonly out: Float32Array;
  readonly scores: Float32Array;
}

interface HeadSpan {
  /** Where the head's query and output start. */
  readonly head: number;
  /** Where its key and value start within one position. */
  readonly from: number;
  readonly size: number;
  readonly stride: number;
  readonly count: number;
}

function attendHead(buffers: HeadBuffers, span: HeadSpan): void {
  const { q, keys, scores } = buffers;
  const { head, from, size, stride, count } = span;
  const scale = 1 / Math.sqrt(size);
  let max = Number.NEGATIVE_INFINITY;
  for (let t = 0; t < count; t += 1) {
    const at = t * stride + from;
    let sum = 0;
    for (let i = 0; i < size; i += 1) sum += (q[head + i] ?? 0) * (keys[at + i] ?? 0);
    scores[t] = sum * scale;
    if (sum * scale > max) max = sum * scale;
  }
  let total = 0;
  for (let t = 0; t < count; t += 1) {
    const weight = Math.exp((scores[t] ?? 0) - max);
    scores[t] = weight;
    total += weight;
  }
  for (let t = 0; t < count; t += 1) scores[t] = (scores[t] ?? 0) / total;
  mixValues(buffers, span);
}

/** The head's output: values weighted by the attention scores. */
function mixValues({ values, out, scores }: HeadBuffers, span: HeadSpan): void {
  const { head, from, size, stride, count } = span;
  out.fill(0, head, head + size);
  for (let t = 0; t < count; t += 1) {
    const weight = scores[t] ?? 0;
    const at = t * stride + from;
    for (let i = 0; i < size; i += 1) {
      out[head + i] = (out[head + i] ?? 0) + weight * (values[at + i] ?? 0);
    }
  }
}

function feedForward(config: LlamaConfig, layer: LayerWeights, scratch: Scratch): void {
  const { x, h, gate, up, projected } = scratch;
  normalise(x, layer.postNorm, h, config.normEpsilon);
  multiply(layer.gate, h, gate);
  multiply(layer.up, h, up);
  for (let i = 0; i < gate.length; i += 1) {
    const g = gate[i] ?? 0;
    gate[i] = (g / (1 + Math.exp(-g))) * (up[i] ?? 0);
  }
  multiply(layer.down, gate, projected);
  add(x, projected);
}

function normalise(x: Float32Array, weight: Float32Array, out: Float32Array, eps: number): void {
  let sum = 0;
  for (let i = 0; i < x.length; i += 1) sum += (x[i] ?? 0) ** 2;
  const scale = 1 / Math.sqrt(sum / x.length + eps);
  for (let i = 0; i < x.length; i += 1) out[i] = (x[i] ?? 0) * scale * (weight[i] ?? 0);
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
  for (let i = 0; i < x.length; i += 1) x[i] = (x[i] ?? 0) + (y[i] ?? 0);
}

/** Rotates every head in place: element `i` with `i + size / 2`. */
function rotate(
  x: Float32Array,
  size: number,
  position: number,
  rotary: { readonly cos: Float32Array; readonly sin: Float32Array },
): void {
  const half = size / 2;
  for (let head = 0; head < x.length; head += size) {
    for (let i = 0; i < half; i += 1) {
      const cos = rotary.cos[position * half + i] ?? 1;
      const sin = rotary.sin[position * half + i] ?? 0;
      const a = x[head + i] ?? 0;
      const b = x[head + half + i] ?? 0;
      x[head + i] = a * cos - b * sin;
      x[head + half + i] = b * cos + a * sin;
    }
  }
}

function rotaryTable(config: LlamaConfig): { cos: Float32Array; sin: Float32Array } {
  const size = config.hiddenSize / config.heads;
  const half = size / 2;
  const cos = new Float32Array(config.maxPositions * half);
  const sin = new Float32Array(config.maxPositions * half);
  for (let position = 0; position < config.maxPositions; position += 1) {
    for (let i = 0; i < half; i += 1) {
      const angle = position / config.ropeTheta ** ((2 * i) / size);
      cos[position * half + i] = Math.cos(angle);
      sin[position * half + i] = Math.sin(angle);
    }
  }
  return { cos, sin };
}

function makeScratch(config: LlamaConfig): Scratch {
  const floats = (length: number): Float32Array => new Float32Array(length);
  return {
    x: floats(config.hiddenSize),
    h: floats(config.hiddenSize),
    q: floats(config.hiddenSize),
    attended: floats(config.hiddenSize),
    projected: floats(config.hiddenSize),
    gate: floats(config.intermediateSize),
    up: floats(config.intermediateSize),
    scores: floats(config.maxPositions),
  };
}

function invalid(why: string): ServeError {
  return new ServeError('model_invalid', `cannot load the model: ${why}`);
}
