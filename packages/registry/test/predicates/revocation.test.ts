import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import type { Json, JsonObject } from '@proofmark/core';
import { parseStrictJson } from '@proofmark/core';

import { Fields } from '../../src/json-fields.ts';
import { buildRevocation, readRevocation } from '../../src/predicates/revocation.ts';
import { anyRevocation } from '../arbitraries.ts';
import { registryError } from '../world.ts';

/** Reads a predicate as it comes back from a signed statement. */
function read(predicate: Json): ReturnType<typeof readRevocation> {
  const kind = { what: 'revocation evidence', code: 'REGISTRY_EVIDENCE_INVALID' } as const;
  return readRevocation(new Fields(parseStrictJson(JSON.stringify(predicate)), kind));
}

test('what is built reads back as what was said', () => {
  fc.assert(
    fc.property(anyRevocation, (said) => {
      assert.deepEqual(read(buildRevocation(said)), said);
    }),
  );
});

const built: JsonObject = buildRevocation({
  target: { kind: 'model' },
  actor: 'dora',
  reason: 'poisoned',
  revokedAtMs: 0,
});

describe('readRevocation() refuses', () => {
  const refused: readonly (readonly [string, Json])[] = [
    ['an empty predicate', {}],
    ['a list', []],
    ['another target', { ...built, target: { kind: 'everything' } }],
    ['evidence without a digest', { ...built, target: { kind: 'evidence' } }],
    ['no reason', { ...built, reason: '' }],
  ];
  for (const [name, predicate] of refused) {
    test(name, () => {
      assert.throws(() => read(predicate), registryError('REGISTRY_EVIDENCE_INVALID'));
    });
  }
});
