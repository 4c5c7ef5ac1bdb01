import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';

import { ServeError } from '../../src/model-server/errors.ts';
import { readJsonObject } from '../../src/model-server/json-object.ts';
import { readLlamaConfig } from '../../src/model-server/llama-config.ts';
import { MODEL_FOLDER } from './shipped-model.ts';

const good = readJsonObject(readFileSync(path.join(MODEL_FOLDER, 'config.json')), 'config.json');

test('the shipped configuration is read', () => {
  const config = readLlamaConfig(good);

  assert.equal(config.headSize * config.heads, config.hiddenSize);
  assert.equal(config.tiedEmbeddings, true);
});

test('what the format leaves out has the defaults of the format', () => {
  const {
    head_dim: _a,
    num_key_value_heads: _b,
    rope_theta: _c,
    tie_word_embeddings: _d,
    ...rest
  } = good;
  const config = readLlamaConfig(rest);

  assert.equal(config.headSize, config.hiddenSize / config.heads);
  assert.equal(config.keyValueHeads, config.heads);
  assert.equal(config.ropeTheta, 10_000);
  assert.equal(config.tiedEmbeddings, false);
});

describe('a configuration that this engine would run wrongly is refused', () => {
  const refused: readonly (readonly [string, object])[] = [
    ['another architecture', { model_type: 'gpt2' }],
    ['another activation', { hidden_act: 'gelu' }],
    ['biases', { attention_bias: true }],
    ['scaled positions', { rope_scaling: { type: 'linear', factor: 2 } }],
    ['a size of zero', { hidden_size: 0 }],
    ['a size that is text', { hidden_size: '192' }],
    ['an absurd size', { vocab_size: 1e12 }],
    ['heads that do not divide', { num_attention_heads: 7, head_dim: undefined, hidden_size: 193 }],
    ['an odd head', { head_dim: 31 }],
    ['a head of no multiple of four', { head_dim: 30 }],
    ['a layer of no multiple of four', { intermediate_size: 510 }],
    ['key-value heads that do not divide', { num_key_value_heads: 4 }],
    ['a negative epsilon', { rms_norm_eps: -1 }],
    ['a tie that is text', { tie_word_embeddings: 'yes' }],
  ];
  for (const [name, change] of refused) {
    test(name, () => {
      assert.throws(
        () => readLlamaConfig({ ...good, ...change }),
        (e) => e instanceof ServeError && e.code === 'model_invalid',
      );
    });
  }
});
