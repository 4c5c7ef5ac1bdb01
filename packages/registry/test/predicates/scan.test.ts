import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import type { Json, JsonObject } from '@proofmark/core';
import { parseStrictJson } from '@proofmark/core';

import { Fields } from '../../src/json-fields.ts';
import { buildScan, readScan } from '../../src/predicates/scan.ts';
import { anyScan } from '../arbitraries.ts';
import { registryError } from '../world.ts';

/** Reads a predicate as it comes back from a signed statement. */
function read(predicate: Json): ReturnType<typeof readScan> {
  const kind = { what: 'scan evidence', code: 'REGISTRY_EVIDENCE_INVALID' } as const;
  return readScan(new Fields(parseStrictJson(JSON.stringify(predicate)), kind));
}

test('what is built reads back as what was said', () => {
  fc.assert(
    fc.property(anyScan, (said) => {
      assert.deepEqual(read(buildScan(said)), said);
    }),
  );
});

const built: JsonObject = buildScan({
  outcome: 'pass',
  scanner: { name: 'scan', version: '1', rulesDigest: 'a'.repeat(64) },
  filesScanned: 3,
  bytesScanned: 9,
  findings: { critical: 0, high: 0, medium: 0, low: 0 },
  reportDigest: 'b'.repeat(64),
  finishedAtMs: 0,
});

describe('readScan() refuses', () => {
  const refused: readonly (readonly [string, Json])[] = [
    ['an empty predicate', {}],
    ['a list', []],
    [
      'two attributes',
      { ...built, attributes: [1, 2].map(() => (built['attributes'] as Json[])[0] ?? null) },
    ],
    ['no attribute', { ...built, attributes: [] }],
    ['another attribute', { ...built, attributes: [{ attribute: 'LOOKS_FINE' }] }],
    ['no producer', { ...built, producer: null }],
  ];
  for (const [name, predicate] of refused) {
    test(name, () => {
      assert.throws(() => read(predicate), registryError('REGISTRY_EVIDENCE_INVALID'));
    });
  }
});
