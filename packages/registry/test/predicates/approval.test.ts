import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import type { Json, JsonObject } from '@proofmark/core';
import { parseStrictJson } from '@proofmark/core';

import { Fields } from '../../src/json-fields.ts';
import { buildApproval, readApproval } from '../../src/predicates/approval.ts';
import { anyApproval } from '../arbitraries.ts';
import { registryError } from '../world.ts';

/** Reads a predicate as it comes back from a signed statement. */
function read(predicate: Json): ReturnType<typeof readApproval> {
  const kind = { what: 'approval evidence', code: 'REGISTRY_EVIDENCE_INVALID' } as const;
  return readApproval(new Fields(parseStrictJson(JSON.stringify(predicate)), kind));
}

test('what is built reads back as what was said', () => {
  fc.assert(
    fc.property(anyApproval, (said) => {
      assert.deepEqual(read(buildApproval(said)), said);
    }),
  );
});

const built: JsonObject = buildApproval({
  verdict: 'approve',
  actor: 'alice',
  reason: 'good',
  policyDigest: 'a'.repeat(64),
  evidenceDigests: ['b'.repeat(64)],
  approvedAtMs: 0,
  expiresAtMs: 1,
});

describe('readApproval() refuses', () => {
  const refused: readonly (readonly [string, Json])[] = [
    ['an empty predicate', {}],
    ['a list', []],
    ['another verdict', { ...built, verdict: 'maybe' }],
    ['no reason', { ...built, reason: '' }],
    ['no actor', { ...built, actor: null }],
    ['an actor with control characters', { ...built, actor: 'alice\u0007' }],
    ['a short digest', { ...built, evidenceDigests: ['b'.repeat(63)] }],
    ['an upper-case digest', { ...built, policyDigest: 'A'.repeat(64) }],
    ['no expiry', { ...built, expiresAt: null }],
  ];
  for (const [name, predicate] of refused) {
    test(name, () => {
      assert.throws(() => read(predicate), registryError('REGISTRY_EVIDENCE_INVALID'));
    });
  }
});
