import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { createSampler } from '../../src/model-server/sampler.ts';

const logits = Float32Array.from([1, 5, 3, 4.9]);
const draw = (options: Parameters<typeof createSampler>[0], n = 500): number[] => {
  const next = createSampler(options);
  return Array.from({ length: n }, () => next(logits));
};

test('temperature 0 takes the most likely token', () => {
  assert.deepEqual(new Set(draw({ temperature: 0, topP: 1, seed: 1 })), new Set([1]));
});

test('the same seed gives the same choices, another seed others', () => {
  const options = { temperature: 1, topP: 1, seed: 42 };

  assert.deepEqual(draw(options), draw(options));
  assert.notDeepEqual(draw(options), draw({ ...options, seed: 43 }));
});

test('a small nucleus leaves out the unlikely tokens', () => {
  assert.deepEqual(new Set(draw({ temperature: 1, topP: 0.8, seed: 7 })), new Set([1, 3]));
  assert.deepEqual(new Set(draw({ temperature: 1, topP: 0.000001, seed: 7 })), new Set([1]));
});

test('frequencies follow the probabilities', () => {
  const counts = draw({ temperature: 1, topP: 1, seed: 3 }, 20_000).reduce<number[]>((c, t) => {
    c[t] = (c[t] ?? 0) + 1;
    return c;
  }, []);
  const weights = [...logits].map((l) => Math.exp(l));
  const total = weights.reduce((a, b) => a + b, 0);

  weights.forEach((weight, i) => {
    assert.ok(Math.abs((counts[i] ?? 0) / 20_000 - weight / total) < 0.02, `token ${i}`);
  });
});

test('the nucleus is the one that sorting everything would find', () => {
  const anyLogits = fc.array(fc.double({ min: -20, max: 20, noNaN: true }), {
    minLength: 2,
    maxLength: 40,
  });
  fc.assert(
    fc.property(
      anyLogits,
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      fc.nat(),
      (list, topP, seed) => {
        const values = Float32Array.from(list);
        const token = createSampler({ temperature: 1, topP, seed })(values);

        const weights = Array.from(values, (l) => Math.exp(l - Math.max(...values)));
        const total = weights.reduce((a, b) => a + b, 0);
        const above = weights.filter((w) => w > (weights[token] ?? 0)).reduce((a, b) => a + b, 0);
        assert.ok(above < topP * total + 1e-9, 'tokens that are likelier already fill the nucleus');
      },
    ),
  );
});
