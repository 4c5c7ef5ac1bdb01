import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';

import { ServeError } from '../../src/model-server/errors.ts';
import { loadLlama, readLlamaConfig } from '../../src/model-server/llama.ts';
import { MODEL_FOLDER, shippedModel } from './shipped-model.ts';

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

describe('a configuration that does not describe this architecture is refused', () => {
  const good = JSON.parse(readFileSync(path.join(MODEL_FOLDER, 'config.json'), 'utf8')) as object;
  const refused: readonly (readonly [string, object])[] = [
    ['another architecture', { model_type: 'gpt2' }],
    ['a size of zero', { hidden_size: 0 }],
    ['a size that is text', { hidden_size: '192' }],
    ['an absurd size', { vocab_size: 1e12 }],
    ['heads that do not divide', { num_attention_heads: 7 }],
    ['key-value heads that do not divide', { num_key_value_heads: 4 }],
    ['a negative epsilon', { rms_norm_eps: -1 }],
  ];
  for (const [name, change] of refused) {
    test(name, () => {
      assert.throws(
        () => readLlamaConfig(JSON.stringify({ ...good, ...change })),
        (e) => e instanceof ServeError && e.code === 'model_invalid',
      );
    });
  }

  test('tensors of another shape, or missing', () => {
    const config = readLlamaConfig(JSON.stringify(good));
    const wrong = new Map([
      ['model.embed_tokens.weight', { shape: [1, 1], values: new Float32Array(1) }],
    ]);

    assert.throws(() => loadLlama(config, wrong), /1x1/);
    assert.throws(() => loadLlama(config, new Map()), /no tensor/);
  });
});
