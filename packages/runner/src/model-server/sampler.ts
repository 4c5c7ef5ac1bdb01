/**
 * Chooses the next token: greedy at temperature 0, else nucleus sampling, repeatable by seed.
 *
 * @module
 */

export interface SamplingOptions {
  /** 0 chooses the most likely token. */
  readonly temperature: number;
  /** Share of probability that the choice is made from, in (0, 1]. */
  readonly topP: number;
  readonly seed: number;
}

/** Returns a function from logits to a token id; its random numbers follow from the seed alone. */
export function createSampler(options: SamplingOptions): (logits: Float32Array) => number {
  const random = mulberry32(options.seed);
  return (logits) =>
    options.temperature === 0 ? argmax(logits) : sample(logits, options, random());
}

function argmax(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i += 1) if ((logits[i] ?? 0) > (logits[best] ?? 0)) best = i;
  return best;
}

function sample(logits: Float32Array, options: SamplingOptions, draw: number): number {
  const max = logits[argmax(logits)] ?? 0;
  const weights = Array.from(logits, (l) => Math.exp((l - max) / options.temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const order = weights.map((_, i) => i).toSorted((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0));
  const kept: number[] = [];
  let mass = 0;
  for (const token of order) {
    kept.push(token);
    mass += (weights[token] ?? 0) / total;
    if (mass >= options.topP) break;
  }
  let left = draw * mass;
  for (const token of kept) {
    left -= (weights[token] ?? 0) / total;
    if (left <= 0) return token;
  }
  return kept.at(-1) ?? 0;
}

/** mulberry32, a 32-bit generator: good enough to pick words, not for secrets. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
