import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';

import { ServeError } from '../../src/model-server/errors.ts';
import { loadLlama } from '../../src/model-server/llama.ts';
import type { Session } from '../../src/model-server/token-engine.ts';
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

      llama.forward(session, prompt, true);
      const first = Array.from(session.logits.slice(0, logits.length));
      const chosen: number[] = [];
      for (let i = 0; i < greedy.length; i += 1) {
        chosen.push(session.logits.indexOf(Math.max(...session.logits)));
        llama.forward(session, chosen.slice(-1), true);
      }
      llama.release(session);

      assert.deepEqual(tokenizer.encode(text), prompt.slice(1, -2));
      first.forEach((value, i) => {
        assert.ok(Math.abs(value - (logits[i] ?? NaN)) < 1e-2, `logit ${i}: ${value}`);
      });
      assert.deepEqual(chosen, greedy);
    });
  }
});

const anyTokens = (minLength: number, maxLength: number): fc.Arbitrary<number[]> =>
  fc.array(fc.nat(2047), { minLength, maxLength });

/** Logits after `pieces` were read one after the other. */
function logitsAfter(pieces: readonly (readonly number[])[], from?: Session): Float32Array {
  const { llama } = shippedModel();
  const session = from ?? llama.session();
  pieces.forEach((piece, i) => llama.forward(session, piece, i === pieces.length - 1));
  llama.release(session);
  return session.logits;
}

test('how a text is cut into pieces changes no bit of the logits', () => {
  fc.assert(
    fc.property(anyTokens(2, 40), fc.nat(), (tokens, place) => {
      const cut = 1 + (place % (tokens.length - 1));
      const whole = logitsAfter([tokens]);

      assert.deepEqual(logitsAfter([tokens.slice(0, cut), tokens.slice(cut)]), whole);
      assert.deepEqual(logitsAfter(tokens.map((token) => [token])), whole);
    }),
    { numRuns: 15 },
  );
});

test('a fork goes on like its source would have, to the bit, and leaves it alone', () => {
  const { llama } = shippedModel();
  fc.assert(
    fc.property(anyTokens(1, 40), anyTokens(1, 20), fc.nat(), (tokens, rest, place) => {
      const length = place % (tokens.length + 1);
      const source = llama.session();
      llama.forward(source, tokens, false);

      const fork = llama.fork(source, length);
      assert.deepEqual(fork.tokens, tokens.slice(0, length));
      assert.deepEqual(
        logitsAfter([rest], fork),
        logitsAfter([[...tokens.slice(0, length), ...rest]]),
      );
      assert.deepEqual(logitsAfter([rest], source), logitsAfter([[...tokens, ...rest]]));
    }),
    { numRuns: 15 },
  );
});

test('sequences side by side do not disturb each other', () => {
  const { llama } = shippedModel();
  const [a, b] = [llama.session(), llama.session()];

  for (const token of [2, 300, 301, 5]) {
    llama.forward(a, [token], true);
    llama.forward(b, [token + 20], true);
  }

  assert.deepEqual(logitsAfter([[2, 300, 301, 5]]), a.logits);
  llama.release(a);
  llama.release(b);
});

describe('what would leave the memory of a sequence is refused', () => {
  const { llama } = shippedModel();
  const isFull = (error: unknown): boolean =>
    error instanceof ServeError && error.code === 'context_length_exceeded';

  test('a token more than there is room for', () => {
    const session = llama.session();
    const room = llama.config.maxPositions;
    assert.throws(() => llama.forward(session, Array<number>(room + 1).fill(7), false), isFull);
    llama.forward(session, Array<number>(room).fill(7), false);

    assert.throws(() => llama.forward(session, [7], false), isFull);
    llama.release(session);
  });

  test('tokens that are not in the vocabulary, and no token at all', () => {
    const session = llama.session();
    for (const tokens of [[], [-1], [0.5], [NaN], [llama.config.vocabularySize], [1, 1e12]]) {
      assert.throws(() => llama.forward(session, tokens, true), RangeError);
    }
    assert.deepEqual(session.tokens, []);
    llama.release(session);
  });

  test('a session that was given back', () => {
    const session = llama.session();
    llama.release(session);

    assert.throws(() => llama.forward(session, [1], true), RangeError);
    assert.throws(() => llama.fork(session, 0), RangeError);
    assert.throws(() => llama.release(session), RangeError);
  });

  test('more sessions than there may be', () => {
    const sessions = Array.from({ length: llama.freeSessions }, () => llama.session());

    assert.equal(llama.freeSessions, 0);
    assert.throws(
      () => llama.session(),
      (e) => e instanceof ServeError && e.code === 'overloaded',
    );
    for (const session of sessions) llama.release(session);
    assert.equal(llama.freeSessions, sessions.length);
  });
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
  const square = (value: number): Tensor => ({
    shape: [4, 4],
    values: new Float32Array(16).fill(value),
  });
  const norm: Tensor = { shape: [4], values: new Float32Array(4).fill(1) };
  const tensors = new Map<string, Tensor>([
    ['model.embed_tokens.weight', square(1)],
    ['lm_head.weight', square(0.5)],
    ['model.norm.weight', norm],
    ['model.layers.0.input_layernorm.weight', norm],
    ['model.layers.0.post_attention_layernorm.weight', norm],
    ...[
      'self_attn.q_proj',
      'self_attn.k_proj',
      'self_attn.v_proj',
      'self_attn.o_proj',
      'mlp.gate_proj',
      'mlp.up_proj',
      'mlp.down_proj',
    ].map((name): [string, Tensor] => [`model.layers.0.${name}.weight`, square(0)]),
  ]);

  test('is used for the logits', () => {
    const llama = loadLlama(config, tensors);
    const session = llama.session();
    llama.forward(session, [0], true);

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
  const wrong = new Map([
    ['model.embed_tokens.weight', { shape: [1, 1], values: new Float32Array(1) }],
  ]);

  assert.throws(() => loadLlama(config, wrong), /1x1/);
  assert.throws(() => loadLlama(config, new Map()), /no tensor/);
});
