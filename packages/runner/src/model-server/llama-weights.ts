/**
 * Puts the tensors of a Llama model into the arena, checked against the configuration.
 *
 * Every tensor that the arithmetic needs has to be there, in its shape; others are ignored.
 *
 * @module
 */
import type { Arena, Rows } from './arena.ts';
import { ServeError } from './errors.ts';
import type { LlamaConfig } from './llama-config.ts';
import type { Tensor } from './safetensors.ts';

export interface Matrix extends Rows {
  readonly rows: number;
  /** Also its stride. */
  readonly columns: number;
}

export interface LayerWeights {
  /** Place of the weights of a norm. */
  readonly inputNorm: number;
  readonly postNorm: number;
  readonly q: Matrix;
  readonly k: Matrix;
  readonly v: Matrix;
  readonly o: Matrix;
  readonly gate: Matrix;
  readonly up: Matrix;
  readonly down: Matrix;
}

export interface LlamaWeights {
  readonly embedding: Matrix;
  readonly finalNorm: number;
  readonly output: Matrix;
  readonly layers: readonly LayerWeights[];
}

/** @throws {ServeError} model_invalid naming the tensor */
export function loadWeights(
  arena: Arena,
  config: LlamaConfig,
  tensors: ReadonlyMap<string, Tensor>,
): LlamaWeights {
  const { hiddenSize: d, intermediateSize: f, vocabularySize } = config;
  const queries = config.heads * config.headSize;
  const keys = config.keyValueHeads * config.headSize;
  const take = (name: string, ...shape: number[]): number => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw invalid(`it has no tensor "${name}"`);
    if (tensor.shape.join() !== shape.join()) {
      throw invalid(`"${name}" is ${tensor.shape.join('x')}, not ${shape.join('x')}`);
    }
    const at = arena.allocate(tensor.values.length);
    if (at === null) throw invalid(`there is no memory for "${name}"`);
    arena.floats.set(tensor.values, at);
    return at;
  };
  const matrix = (name: string, rows: number, columns: number): Matrix => ({
    at: take(name, rows, columns),
    stride: columns,
    rows,
    columns,
  });
  const embedding = matrix('model.embed_tokens.weight', vocabularySize, d);
  return {
    embedding,
    finalNorm: take('model.norm.weight', d),
    output: config.tiedEmbeddings ? embedding : matrix('lm_head.weight', vocabularySize, d),
    layers: Array.from({ length: config.layers }, (_, i) => {
      const at = `model.layers.${i}`;
      return {
        inputNorm: take(`${at}.input_layernorm.weight`, d),
        postNorm: take(`${at}.post_attention_layernorm.weight`, d),
        q: matrix(`${at}.self_attn.q_proj.weight`, queries, d),
        k: matrix(`${at}.self_attn.k_proj.weight`, keys, d),
        v: matrix(`${at}.self_attn.v_proj.weight`, keys, d),
        o: matrix(`${at}.self_attn.o_proj.weight`, d, queries),
        gate: matrix(`${at}.mlp.gate_proj.weight`, f, d),
        up: matrix(`${at}.mlp.up_proj.weight`, f, d),
        down: matrix(`${at}.mlp.down_proj.weight`, d, f),
      };
    }),
  };
}

function invalid(why: string): ServeError {
  return new ServeError('model_invalid', `cannot load model.safetensors: ${why}`);
}
