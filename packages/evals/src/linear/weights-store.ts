/**
 * Finds and reads the weights shipped inside this package, once each.
 *
 * The only I/O of the package. A missing or damaged file surfaces as `EVALS_WEIGHTS_INVALID`, which
 * `evaluate` reports as outcome `error`.
 *
 * @module
 */
import { readFileSync } from 'node:fs';

import { EvalsError } from '../errors.ts';
import { readWeights } from './weights-file.ts';
import type { LinearWeights } from './weights-file.ts';
import { readTagger } from '../pii/tagger/tagger-file.ts';
import type { TaggerWeights } from '../pii/tagger/tagger-file.ts';
import { readWordClusters } from './word-clusters.ts';
import type { WordClusters } from './word-clusters.ts';

export type WeightsName =
  | 'injection-user'
  | 'injection-document'
  | 'content-prompt'
  | 'content-response'
  | 'action';

const loaded = new Map<WeightsName, LinearWeights>();
let clusters: WordClusters | undefined;
let tagger: TaggerWeights | undefined;

/** @throws {EvalsError} EVALS_WEIGHTS_INVALID */
export function shippedClusters(): WordClusters {
  clusters ??= readWordClusters(readShipped('words'));
  return clusters;
}

/** @throws {EvalsError} EVALS_WEIGHTS_INVALID */
export function shippedTagger(): TaggerWeights {
  tagger ??= readTagger(readShipped('people'));
  return tagger;
}

/** @throws {EvalsError} EVALS_WEIGHTS_INVALID */
export function shippedWeights(name: WeightsName): LinearWeights {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const weights = readWeights(readShipped(name));
  loaded.set(name, weights);
  return weights;
}

function readShipped(name: WeightsName | 'words' | 'people'): Uint8Array {
  try {
    return readFileSync(new URL(`weights/${name}.bin`, packageRoot()));
  } catch (cause) {
    throw new EvalsError('EVALS_WEIGHTS_INVALID', `cannot read the weights \`${name}\``, { cause });
  }
}

/** The same from `src/` and from `dist/src/`: the package's own manifest marks its root. */
function packageRoot(): string {
  return import.meta.resolve('@proofmark/evals/package.json');
}
