/**
 * Small models of any shape with repeatable weights, for the tests of the engine.
 *
 * @module
 */
import type { LlamaConfig } from '../../src/model-server/llama-config.ts';
import type { Tensor } from '../../src/model-server/safetensors.ts';

interface RandomModel {
  readonly config: LlamaConfig;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

const SMALL: LlamaConfig = {
  vocabularySize: 23,
  hiddenSize: 8,
  intermediateSize: 12,
  layers: 1,
  heads: 2,
  keyValueHeads: 1,
  headSize: 4,
  maxPositions: 70,
  normEpsilon: 1e-5,
  ropeTheta: 10_000,
  tiedEmbeddings: true,
};

export function randomModel(change: Partial<LlamaConfig> & { readonly seed: number }): RandomModel {
  const { seed, ...sizes } = change;
  const config = { ...SMALL, ...sizes };
  const { hiddenSize: d, intermediateSize: f, headSize } = config;
  let state = seed;
  const tensors = new Map<string, Tensor>();
  const make = (name: string, ...shape: number[]): void => {
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647 - 0.5;
    });
    tensors.set(name, { shape, values });
  };
  make('model.embed_tokens.weight', config.vocabularySize, d);
  make('model.norm.weight', d);
  for (let i = 0; i < config.layers; i += 1) {
    const at = `model.layers.${i}`;
    make(`${at}.input_layernorm.weight`, d);
    make(`${at}.post_attention_layernorm.weight`, d);
    make(`${at}.self_attn.q_proj.weight`, config.heads * headSize, d);
    make(`${at}.self_attn.k_proj.weight`, config.keyValueHeads * headSize, d);
    make(`${at}.self_attn.v_proj.weight`, config.keyValueHeads * headSize, d);
    make(`${at}.self_attn.o_proj.weight`, d, config.heads * headSize);
    make(`${at}.mlp.gate_proj.weight`, f, d);
    make(`${at}.mlp.up_proj.weight`, f, d);
    make(`${at}.mlp.down_proj.weight`, d, f);
  }
  return { config, tensors };
}
