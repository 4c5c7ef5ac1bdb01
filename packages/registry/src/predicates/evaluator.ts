/**
 * Which evaluator produced a score, as it stands in every predicate that carries scores.
 *
 * Two results compare only when all three members are equal: the same evaluator scores at the
 * gate, in shadow and at run time, and evidence made with another one is stale.
 *
 * @module
 */
import type { JsonObject } from '@proofmark/core';

import type { Fields } from '../json-fields.ts';

export interface EvaluatorReference {
  readonly id: string;
  readonly version: string;
  /** SHA-256 of the evaluator's configuration and weights. */
  readonly configDigest: string;
}

/** An in-toto ResourceDescriptor that pins one evaluator. */
export function describeEvaluator(evaluator: EvaluatorReference): JsonObject {
  return {
    name: `evaluator:${evaluator.id}`,
    digest: { sha256: evaluator.configDigest },
    annotations: { id: evaluator.id, version: evaluator.version },
  };
}

/** Reads what `describeEvaluator` wrote. */
export function readEvaluator(descriptor: Fields): EvaluatorReference {
  const annotations = descriptor.object('annotations');
  return {
    id: annotations.text('id', { max: 128 }),
    version: annotations.text('version', { max: 128 }),
    configDigest: descriptor.object('digest').digest('sha256'),
  };
}

export function sameEvaluator(a: EvaluatorReference, b: EvaluatorReference): boolean {
  return a.id === b.id && a.version === b.version && a.configDigest === b.configDigest;
}
