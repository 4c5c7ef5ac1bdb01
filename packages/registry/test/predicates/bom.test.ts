import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import type { Json, JsonObject } from '@proofmark/core';
import { parseStrictJson } from '@proofmark/core';

import { Fields } from '../../src/json-fields.ts';
import { buildBom, readBom } from '../../src/predicates/bom.ts';
import { anyBom } from '../arbitraries.ts';
import { registryError } from '../world.ts';

/** Reads a predicate as it comes back from a signed statement. */
function read(predicate: Json): ReturnType<typeof readBom> {
  const kind = { what: 'bom evidence', code: 'REGISTRY_EVIDENCE_INVALID' } as const;
  return readBom(new Fields(parseStrictJson(JSON.stringify(predicate)), kind));
}

test('what is built reads back as what was said', () => {
  fc.assert(
    fc.property(anyBom, (said) => {
      assert.deepEqual(read(buildBom(said)), said);
    }),
  );
});

const built: JsonObject = buildBom({
  specVersion: '1.6',
  createdAtMs: 0,
  document: { components: [] },
});

describe('readBom() refuses', () => {
  const refused: readonly (readonly [string, Json])[] = [
    ['an empty predicate', {}],
    ['a list', []],
    ['another format', { ...built, bomFormat: 'SPDX' }],
    ['a future major version', { ...built, specVersion: '2.0' }],
    ['no time', { ...built, metadata: {} }],
  ];
  for (const [name, predicate] of refused) {
    test(name, () => {
      assert.throws(() => read(predicate), registryError('REGISTRY_EVIDENCE_INVALID'));
    });
  }
});

test('a document without metadata and components gets what the registry reads', () => {
  const bom = read(buildBom({ specVersion: '1.6', createdAtMs: 5, document: { metadata: null } }));

  assert.equal(bom.createdAtMs, 5);
  assert.equal(bom.componentCount, 0);
});
