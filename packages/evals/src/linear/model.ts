/**
 * Scores text with a linear model: a danger probability, and where the danger is.
 *
 * Long text is read in overlapping windows and the worst window decides, so that one planted
 * sentence in a long document is not diluted by the rest.
 *
 * @module
 */
import type { Checkpoint } from '../evaluation.ts';
import { createExtractor } from './features.ts';
import type { Features } from './features.ts';
import type { Lexicon } from './lexicon.ts';
import type { LinearWeights } from './weights-file.ts';

export interface Window {
  readonly start: number;
  readonly end: number;
}

export interface LinearScore extends Window {
  /** In [0, 1]; higher is more dangerous. */
  readonly danger: number;
}

export interface LinearModel {
  readonly digest: string;
  readonly thresholds: LinearWeights['thresholds'];
  /** The worst window of `text`. `checkpoint` is called between windows. */
  score(text: string, checkpoint: Checkpoint): LinearScore;
}

export interface WindowPlan {
  /** Window length in characters, at most `MAX_WINDOW`. */
  readonly length: number;
  readonly stride: number;
}

export function createLinearModel(
  weights: LinearWeights,
  lexicon: Lexicon,
  plan: WindowPlan,
): LinearModel {
  const extractor = createExtractor(lexicon);
  return {
    digest: weights.digest,
    thresholds: weights.thresholds,
    score(text, checkpoint) {
      let worst: LinearScore = { danger: 0, start: 0, end: 0 };
      for (const window of windows(text, plan)) {
        checkpoint();
        const danger = probability(weights, extractor.extract(text, window.start, window.end));
        if (danger > worst.danger) worst = { danger, ...window };
      }
      return worst;
    },
  };
}

/** Splits at blanks where there are any; consecutive windows overlap. */
export function* windows(text: string, plan: WindowPlan): Generator<Window> {
  if (text.length <= plan.length) {
    yield { start: 0, end: text.length };
    return;
  }
  for (let start = 0; start < text.length;) {
    const end = Math.min(text.length, start + plan.length);
    yield { start, end };
    if (end === text.length) return;
    const next = text.indexOf(' ', start + plan.stride);
    start = next >= 0 && next < end ? next + 1 : start + plan.stride;
  }
}

export function probability(model: LinearWeights, features: Features): number {
  return 1 / (1 + Math.exp(-(model.slope * logit(model, features) + model.offset)));
}

export function logit(model: LinearWeights, features: Features): number {
  const { weights } = model;
  const { indices, surface, total } = features;
  let surfaceSum = 0;
  for (let i = 0; i < surface; i += 1) surfaceSum += weights[indices[i] ?? 0] ?? 0;
  let conceptSum = 0;
  for (let i = surface; i < total; i += 1) conceptSum += weights[indices[i] ?? 0] ?? 0;
  return (
    model.bias +
    (model.scale * surfaceSum) / Math.sqrt(Math.max(1, surface)) +
    (model.scale * model.conceptScale * conceptSum) / Math.sqrt(Math.max(4, total - surface))
  );
}
