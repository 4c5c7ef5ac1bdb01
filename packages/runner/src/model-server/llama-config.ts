/**
 * Reads `config.json` of a Llama model, as far as this engine can run it.
 *
 * A field that would change the arithmetic and is not implemented here (biases, another activation,
 * scaled rotary positions) is refused: running it anyway would serve another model than the one that
 * was tested. Field names: Hugging Face `LlamaConfig`.
 *
 * @module
 */
import { ServeError } from './errors.ts';
import type { JsonObject } from './json-object.ts';

export interface LlamaConfig {
  readonly vocabularySize: number;
  /** This size, the next and `headSize` are multiples of four. */
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  /** Divides `heads`; each key-value head serves `heads / keyValueHeads` query heads. */
  readonly keyValueHeads: number;
  /** Floats of one head; usually `hiddenSize / heads`. */
  readonly headSize: number;
  /** Tokens of prompt and answer together. */
  readonly maxPositions: number;
  readonly normEpsilon: number;
  readonly ropeTheta: number;
  /** Whether the output layer is the embedding itself or a tensor of its own, `lm_head.weight`. */
  readonly tiedEmbeddings: boolean;
}

/** The kernel takes four columns at a time. */
const LANES = 4;
const MAX_HEADS = 128;
const MAX_HEAD_SIZE = 512;
const MAX_POSITIONS = 131_072;
const MAX_VOCABULARY = 300_000;
const MAX_HIDDEN = 8192;
const MAX_INTERMEDIATE = 32_768;
const MAX_LAYERS = 128;

/** What has to hold this value, or be absent, for the arithmetic of `llama.ts` to be the right one. */
const FIXED: readonly (readonly [string, unknown])[] = [
  ['hidden_act', 'silu'],
  ['attention_bias', false],
  ['mlp_bias', false],
  ['rope_scaling', null],
  ['pretraining_tp', 1],
];

/** @throws {ServeError} model_invalid naming the field */
export function readLlamaConfig(json: JsonObject): LlamaConfig {
  if (json['model_type'] !== 'llama') throw invalid('model_type is not "llama"');
  for (const [key, value] of FIXED) {
    if ((json[key] ?? value) !== value) {
      throw invalid(`${key} is not ${JSON.stringify(value)}, the only value this server runs`);
    }
  }
  const hiddenSize = whole(json, 'hidden_size', MAX_HIDDEN);
  const heads = whole(json, 'num_attention_heads', MAX_HEADS);
  const config = {
    vocabularySize: whole(json, 'vocab_size', MAX_VOCABULARY),
    hiddenSize,
    intermediateSize: whole(json, 'intermediate_size', MAX_INTERMEDIATE),
    layers: whole(json, 'num_hidden_layers', MAX_LAYERS),
    heads,
    keyValueHeads: whole({ num_key_value_heads: heads, ...json }, 'num_key_value_heads', MAX_HEADS),
    headSize: whole({ head_dim: hiddenSize / heads, ...json }, 'head_dim', MAX_HEAD_SIZE),
    maxPositions: whole(json, 'max_position_embeddings', MAX_POSITIONS),
    normEpsilon: positive(json, 'rms_norm_eps'),
    ropeTheta: positive({ rope_theta: 10_000, ...json }, 'rope_theta'),
    tiedEmbeddings: flag(json['tie_word_embeddings'] ?? false),
  };
  for (const key of ['hiddenSize', 'intermediateSize', 'headSize'] as const) {
    if (config[key] % LANES !== 0) {
      throw invalid(`${key} is ${config[key]}, not a multiple of ${LANES} as this server needs`);
    }
  }
  if (heads % config.keyValueHeads !== 0) {
    throw invalid('num_key_value_heads does not divide num_attention_heads');
  }
  return config;
}

function whole(json: JsonObject, key: string, max: number): number {
  const value = json[key];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value <= max) {
    return value;
  }
  throw invalid(`${key} is not a whole number from 1 to ${max}`);
}

function positive(json: JsonObject, key: string): number {
  const value = json[key];
  if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
  throw invalid(`${key} is not a positive number`);
}

function flag(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw invalid('tie_word_embeddings is neither true nor false');
}

function invalid(why: string): ServeError {
  return new ServeError('model_invalid', `cannot load config.json: ${why}`);
}
