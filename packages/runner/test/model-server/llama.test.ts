import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';

import { ServeError } from '../../src/model-server/errors.ts';
import { loadLlama } from '../../src/model-server/llama.ts';
import type { LlamaConfig } from '../../src/model-server/llama-config.ts';
import type { Tensor } from '../../src/model-server/safetensors.ts';
import { shippedModel } from './shipped-model.ts';

interface Golden {
  readonly cases: readonly {
    readonly text: string;
    readonly prompt: readonly number[];
    readonly logits: readonly number[];
    readonly greedy: readonly number[];
  }[];
}

const golden = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'fixtures/golden.json'), 'utf8'),
) as Golden;

describe('the engine agrees with the trainer (fixtures/golden.json)', () => {
  for (const { text, prompt, logits, greedy } of golden.cases) {
    test(text, () => {
      const { llama, tokenizer } = shippedModel();
      const session = llama.session();

      prompt.forEach((token, i) => llama.forward(session, token, i === prompt.length - 1));
      const first = Array.from(session.logits.slice(0, logits.length));
      const chosen: number[] = [];
      for (let i = 0; i < greedy.length; i += 1) {
        chosen.push(session.logits.indexOf(Math.max(...session.logits)));
        llama.forward(session, chosen.at(-1) ?? 0, true);
      }

      assert.deepEqual(tokenizer.encode(text), prompt.slice(1, -2));
      first.forEach((value, i) => {
        assert.ok(Math.abs(value - (logits[i] ?? NaN)) < 1e-2, `logit ${i}: ${value}`);
      });
      assert.deepEqual(chosen, greedy);
    });
  }
});

test('two sequences side by side do not disturb each other', () => {
  const { llama } = shippedModel();
  const [a, b, alone] = [llama.session(), llama.session(), llama.session()];

  for (const token of [2, 300, 301, 5]) {
    llama.forward(a, token, true);
    llama.forward(b, token + 20, true);
  }
  for (const token of [2, 300, 301, 5]) llama.forward(alone, token, true);

  assert.deepEqual(a.logits, alone.logits);
});

test('the cache gives what a fresh run over the same tokens gives', () => {
  const { llama } = shippedModel();
  const tokens = [2, 40, 41, 42, 5, 3];
  const stepwise = llama.session();
  const atOnce = llama.session();

  for (const token of tokens) llama.forward(stepwise, token, true);
  tokens.forEach((token, i) => llama.forward(atOnce, token, i === tokens.length - 1));

  assert.deepEqual(stepwise.logits, atOnce.logits);
});

test('a full sequence takes no further token', () => {
  const { llama } = shippedModel();
  const session = llama.session();
  session.position = llama.config.maxPositions;

  assert.throws(
    () => llama.forward(session, 1, true),
    (e) => e instanceof ServeError && e.code === 'context_length_exceeded',
  );
});

describe('an output layer of its own', () => {
  const config: LlamaConfig = {
    vocabularySize: 4,
    hiddenSize: 4,
    intermediateSize: 4,
    layers: 1,
    heads: 1,
    keyValueHeads: 1,
    headSize: 4,
    maxPositions: 4,
    normEpsilon: 1e-5,
    ropeTheta: 10_000,
    tiedEmbeddings: false,
  };
  const square = (value: number): Tensor => ({ shape: [4, 4], values: new Float32Array(16).fill(value) });
  const norm: Tensor = { shape: [4], values: new Float32Array(4).fill(1) };
  const tensors = new Map<string, Tensor>([
    ['model.embed_tokens.weight', square(1)],
    ['lm_head.weight', square(0.5)],
    ['model.norm.weight', norm],
    ['model.layers.0.input_layernorm.weight', norm],
    ['model.layers.0.post_attention_layernorm.weight', norm],
    ...['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj', 'self_attn.o_proj', 'mlp.gate_proj', 'mlp.up_proj', 'mlp.down_proj'].map((name): [string, Tensor] => [`model.layers.0.${name}.weight`, square(0)]),
  ]);

  test('is used for the logits', () => {
    const llama = loadLlama(config, tensors);
    const session = llama.session();
    llama.forward(session, 0, true);

    // All weights of the layer are zero, so the normalised embedding (all ones) reaches lm_head.
    for (const logit of session.logits) assert.ok(Math.abs(logit - 2) < 1e-4, String(logit));
  });

  test('has to be there', () => {
    const without = new Map([...tensors].filter(([name]) => name !== 'lm_head.weight'));

    assert.throws(() => loadLlama(config, without), /lm_head/);
    assert.doesNotThrow(() => loadLlama({ ...config, tiedEmbeddings: true }, without));
  });
});

test('tensors of another shape, or missing, are refused', () => {
  const { config } = shippedModel().llama;
  const wrong = new Map([['model.embed_tokens.weight', { shape: [1, 1], values: new Float32Array(1) }]]);

  assert.throws(() => loadLlama(config, wrong), /1x1/);
  assert.throws(() => loadLlama(config, new Map()), /no tensor/);
});
