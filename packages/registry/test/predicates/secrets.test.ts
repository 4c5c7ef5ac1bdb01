import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import type { Json, JsonObject } from '@proofmark/core';
import { parseStrictJson } from '@proofmark/core';

import { Fields } from '../../src/json-fields.ts';
import { buildSecrets, readSecrets } from '../../src/predicates/secrets.ts';
import { anySecrets } from '../arbitraries.ts';
import { registryError } from '../world.ts';

/** Reads a predicate as it comes back from a signed statement. */
function read(predicate: Json): ReturnType<typeof readSecrets> {
  const kind = { what: 'secrets evidence', code: 'REGISTRY_EVIDENCE_INVALID' } as const;
  return readSecrets(new Fields(parseStrictJson(JSON.stringify(predicate)), kind));
}

test('what is built reads back as what was said', () => {
  fc.assert(
    fc.property(anySecrets, (said) => {
      assert.deepEqual(read(buildSecrets(said)), said);
    }),
  );
});

const built: JsonObject = buildSecrets({
  secrets: [{ name: 'a', rotatedAtMs: 0 }],
  checkedAtMs: 0,
});

describe('readSecrets() refuses', () => {
  const refused: readonly (readonly [string, Json])[] = [
    ['an empty predicate', {}],
    ['a list', []],
    ['a secret without a time', { ...built, secrets: [{ name: 'a' }] }],
    ['no time of the check', { secrets: [] }],
  ];
  for (const [name, predicate] of refused) {
    test(name, () => {
      assert.throws(() => read(predicate), registryError('REGISTRY_EVIDENCE_INVALID'));
    });
  }
});
