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
  if (options.temperature === 0) return argmax;
  const random = mulberry32(options.seed);
  let weights = new Float64Array(0);
  return (logits) => {
    if (weights.length !== logits.length) weights = new Float64Array(logits.length);
    const total = fillWeights(weights, logits, options.temperature);
    const nucleus = nucleusOf(weights, total, options.topP);
    return choose(nucleus, weights, random());
  };
}

function argmax(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i += 1) {
    if ((logits[i] as number) > (logits[best] as number)) best = i;
  }
  return best;
}

/** Unnormalised probabilities, at most 1 each; returns their sum. */
function fillWeights(weights: Float64Array, logits: Float32Array, temperature: number): number {
  const max = logits[argmax(logits)] ?? 0;
  let total = 0;
  for (let i = 0; i < logits.length; i += 1) {
    const weight = Math.exp(((logits[i] as number) - max) / temperature);
    weights[i] = weight;
    total += weight;
  }
  return total;
}

/**
 * The most likely tokens that together hold `topP` of the probability, most likely first.
 *
 * Tokens below `(1 - topP) / vocabulary` hold less than `1 - topP` together, so the nucleus lies
 * among the others, and only those few are sorted.
 */
function nucleusOf(weights: Float64Array, total: number, topP: number): number[] {
  const least = ((1 - topP) * total) / weights.length;
  const candidates: number[] = [];
  for (let i = 0; i < weights.length; i += 1) {
    if ((weights[i] as number) >= least) candidates.push(i);
  }
  candidates.sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0) || a - b);
  let mass = 0;
  let kept = 0;
  while (kept < candidates.length && mass < topP * total) {
    mass += weights[candidates[kept] ?? 0] ?? 0;
    kept += 1;
  }
  return candidates.slice(0, Math.max(1, kept));
}

function choose(nucleus: readonly number[], weights: Float64Array, draw: number): number {
  let left = draw * nucleus.reduce((sum, token) => sum + (weights[token] ?? 0), 0);
  for (const token of nucleus) {
    left -= weights[token] ?? 0;
    if (left < 0) return token;
  }
  return nucleus.at(-1) ?? 0;
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
