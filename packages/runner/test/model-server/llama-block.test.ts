import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { loadLlama } from '../../src/model-server/llama.ts';
import type { LlamaConfig } from '../../src/model-server/llama-config.ts';
import { randomModel } from './random-model.ts';
import { loadScalarLlama } from './scalar-llama.ts';
import { shippedModel } from './shipped-model.ts';

const anySizes: fc.Arbitrary<Partial<LlamaConfig>> = fc.record({
  vocabularySize: fc.integer({ min: 1, max: 30 }),
  hiddenSize: fc.constantFrom(4, 8, 20),
  intermediateSize: fc.constantFrom(4, 12),
  layers: fc.integer({ min: 1, max: 3 }),
  keyValueHeads: fc.constantFrom(1, 2, 4),
  heads: fc.constant(4),
  headSize: fc.constantFrom(4, 8),
  maxPositions: fc.integer({ min: 50, max: 61 }),
});

test('a block agrees with the scalar loops, for any sizes and lengths', () => {
  const lengths = fc.integer({ min: 1, max: 50 });
  fc.assert(
    fc.property(anySizes, lengths, fc.integer({ min: 1, max: 1e6 }), (sizes, length, seed) => {
      const { config, tensors } = randomModel({ ...sizes, seed });
      const [llama, scalar] = [loadLlama(config, tensors), loadScalarLlama(config, tensors)];
      const [fast, slow] = [llama.session(), scalar.session()];
      const tokens = Array.from({ length }, (_, i) => (i * seed) % config.vocabularySize);

      llama.forward(fast, tokens, true);
      tokens.forEach((token, i) => scalar.forward(slow, token, i === length - 1));

      fast.logits.forEach((value, i) => {
        assert.ok(Math.abs(value - (slow.logits[i] ?? NaN)) < 1e-3, `${value} ${slow.logits[i]}`);
      });
    }),
    { numRuns: 60 },
  );
});

test('no token sees those after it in its block', () => {
  const { llama } = shippedModel();
  const early = Array.from({ length: 5 }, (_, i) => 40 + i);
  const cases = [
    [...early, 99],
    [...early, 100, 101, 102],
  ].map((tokens) => {
    const session = llama.session();
    llama.forward(session, tokens, false);
    const cut = llama.fork(session, early.length);
    llama.forward(cut, [7], true);
    llama.release(session);
    llama.release(cut);
    return cut.logits;
  });

  assert.deepEqual(cases[0], cases[1]);
});
