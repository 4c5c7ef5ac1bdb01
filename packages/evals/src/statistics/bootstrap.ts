/**
 * Percentile bootstrap: how much a figure would move on another sample of the same size.
 *
 * Deterministic: the resampling is seeded by the caller, so a published interval can be recomputed.
 *
 * @module
 */
import type { Interval } from './binomial.ts';

export interface BootstrapOptions {
  readonly resamples?: number;
  readonly confidence?: number;
  /** 32-bit seed. */
  readonly seed?: number;
}

/** Interval of `figure` over resamples of `rows`. Resamples where it is NaN are left out. */
export function bootstrap<Row>(
  rows: readonly Row[],
  figure: (sample: readonly Row[]) => number,
  options: BootstrapOptions = {},
): Interval {
  const { resamples = 200, confidence = 0.95, seed = 1 } = options;
  const random = mulberry32(seed);
  const values: number[] = [];
  for (let i = 0; i < resamples && rows.length > 0; i += 1) {
    const sample = rows.map(() => rows[Math.floor(random() * rows.length)]);
    const value = figure(sample.filter((row) => row !== undefined));
    if (!Number.isNaN(value)) values.push(value);
  }
  if (values.length === 0) return { low: Number.NaN, high: Number.NaN };
  values.sort((a, b) => a - b);
  const tail = (1 - confidence) / 2;
  return { low: at(values, tail), high: at(values, 1 - tail) };
}

function at(sorted: readonly number[], quantile: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))] ?? Number.NaN;
}

/** A small seeded generator of uniform numbers in [0, 1). Not for secrets. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
