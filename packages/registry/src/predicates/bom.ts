/**
 * Bill-of-materials evidence: a CycloneDX document as predicate.
 *
 * The whole document is what was signed; only what identifies it is read here. The gate's rule
 * `bom` reads the rest, where a policy asks for it.
 *
 * @module
 */
import type { Json, JsonObject } from '@proofmark/core';
import { isoTime } from '@proofmark/core';

import type { Fields } from '../json-fields.ts';

export const BOM_PREDICATE_TYPE = 'https://cyclonedx.org/bom';

export interface BomPredicate {
  readonly specVersion: string;
  readonly componentCount: number;
  readonly createdAtMs: number;
  /** The CycloneDX document as it was signed. */
  readonly document: JsonObject;
}

/** Completes a CycloneDX document with the members that the registry reads. */
export function buildBom(bom: Omit<BomPredicate, 'componentCount'>): JsonObject {
  const { metadata } = bom.document;
  const known = isObject(metadata) ? metadata : {};
  return {
    ...bom.document,
    bomFormat: 'CycloneDX',
    specVersion: bom.specVersion,
    metadata: { ...known, timestamp: isoTime(bom.createdAtMs) },
  };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function readBom(predicate: Fields): BomPredicate {
  predicate.oneOf('bomFormat', ['CycloneDX']);
  return {
    specVersion: predicate.text('specVersion', { pattern: /^1\.\d{1,2}$/ }),
    componentCount: predicate.has('components')
      ? predicate.list('components', () => null).length
      : 0,
    createdAtMs: predicate.object('metadata').time('timestamp'),
    document: predicate.json,
  };
}
