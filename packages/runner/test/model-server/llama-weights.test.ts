import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createArena } from '../../src/model-server/arena.ts';
import { ServeError } from '../../src/model-server/errors.ts';
import { loadWeights } from '../../src/model-server/llama-weights.ts';
import { randomModel } from './random-model.ts';

const MIB = 1024 * 1024;
const { config, tensors } = randomModel({ layers: 2, seed: 5 });

test('every matrix lies in the arena as it was in the file', () => {
  const arena = createArena(MIB);
  const { embedding, output, layers } = loadWeights(arena, config, tensors);

  assert.equal(output, embedding);
  assert.equal(layers.length, 2);
  const down = layers[1]?.down ?? embedding;
  assert.deepEqual([down.rows, down.columns], [config.hiddenSize, config.intermediateSize]);
  assert.deepEqual(
    arena.floats.slice(down.at, down.at + down.rows * down.columns),
    tensors.get('model.layers.1.mlp.down_proj.weight')?.values,
  );
});

test('an output layer of its own is taken where the embedding is not tied', () => {
  const untied = { ...config, tiedEmbeddings: false };
  const head = {
    shape: [config.vocabularySize, config.hiddenSize],
    values: Float32Array.from({ length: config.vocabularySize * config.hiddenSize }, (_, i) => i),
  };
  const { embedding, output } = loadWeights(
    createArena(MIB),
    untied,
    new Map([...tensors, ['lm_head.weight', head]]),
  );

  assert.notEqual(output.at, embedding.at);
  assert.throws(() => loadWeights(createArena(MIB), untied, tensors), /lm_head/);
});

test('a tensor that is missing, has another shape or finds no memory is refused by name', () => {
  for (const name of tensors.keys()) {
    const without = new Map([...tensors].filter(([other]) => other !== name));
    const bent = new Map([...tensors, [name, { shape: [1, 1], values: new Float32Array(1) }]]);

    for (const wrong of [without, bent]) {
      assert.throws(
        () => loadWeights(createArena(MIB), config, wrong),
        (e) => e instanceof ServeError && e.code === 'model_invalid' && e.message.includes(name),
      );
    }
  }
  const large = { ...config, vocabularySize: 100_000 };
  const values = new Float32Array(large.vocabularySize * config.hiddenSize);
  const huge = new Map([
    ['model.embed_tokens.weight', { shape: [large.vocabularySize, config.hiddenSize], values }],
  ]);
  assert.throws(() => loadWeights(createArena(MIB), large, huge), /no memory/);
});
