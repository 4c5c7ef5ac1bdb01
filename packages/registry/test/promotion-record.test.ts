import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { parseStatement, signStatement } from '@proofmark/core';
import type { Json, JsonObject } from '@proofmark/core';
import {
  DENIAL_PREDICATE_TYPE,
  SVR_PREDICATE_TYPE,
  envelopeDigest,
  readRecord,
  recordEntry,
  signRecord,
} from '@proofmark/registry';
import type { PromotionRecord } from '@proofmark/registry';

import { anyDigest, anyTime } from './arbitraries.ts';
import { registryError, signers } from './world.ts';

const trusted = [signers.registry.publicKey];

const record: PromotionRecord = {
  action: 'promotion',
  name: 'support-assistant',
  version: '1.0.0',
  omsRoot: 'a'.repeat(64),
  manifestDigest: 'b'.repeat(64),
  bundleDigest: 'c'.repeat(64),
  fileCount: 3,
  totalBytes: 4096,
  registeredBy: 'carol',
  environment: 'production',
  alias: 'live',
  generation: 2,
  previousManifestDigest: 'd'.repeat(64),
  previousRecordDigest: 'e'.repeat(64),
  policyName: 'strict',
  policyDigest: 'f'.repeat(64),
  evidenceDigests: ['1'.repeat(64), '2'.repeat(64)],
  properties: ['gate:scan'],
  omitted: { shadow: 'no traffic yet' },
  decidedAtMs: 1_700_000_000_123,
  actor: 'carol@example.com',
  reason: 'release',
  verifierId: 'https://registry.test',
};

const anyRecord: fc.Arbitrary<PromotionRecord> = fc
  .tuple(
    fc.constantFrom('promotion' as const, 'rollback' as const, 'denial' as const),
    anyDigest,
    fc.option(anyDigest),
    fc.array(anyDigest, { maxLength: 4 }),
    anyTime,
    fc.nat(),
  )
  .map(([action, manifestDigest, previous, evidenceDigests, decidedAtMs, generation]) => ({
    ...record,
    action,
    manifestDigest,
    previousManifestDigest: previous,
    previousRecordDigest: previous,
    evidenceDigests,
    decidedAtMs,
    generation,
  }));

test('a signed record reads back as what was decided', async () => {
  await fc.assert(
    fc.asyncProperty(anyRecord, async (said) => {
      const envelope = await signRecord(said, signers.registry);

      assert.deepEqual(readRecord(envelope, trusted), said);
    }),
    { numRuns: 40 },
  );
});

test('a denial cannot be taken for a verification result: its predicate type is another', async () => {
  const typeOf = async (action: PromotionRecord['action']) => {
    const { payload } = await signRecord({ ...record, action }, signers.registry);
    return parseStatement(Buffer.from(payload, 'base64')).predicateType;
  };

  assert.equal(await typeOf('promotion'), SVR_PREDICATE_TYPE);
  assert.equal(await typeOf('rollback'), SVR_PREDICATE_TYPE);
  assert.equal(await typeOf('denial'), DENIAL_PREDICATE_TYPE);
});

test('the log entry of a record is its action and the digest of its envelope', async () => {
  const digest = envelopeDigest(await signRecord(record, signers.registry));

  assert.deepEqual(recordEntry('rollback', digest), { kind: 'rollback', digest });
});

describe('readRecord() refuses', () => {
  /** The record's statement with a change, signed by the registry. */
  async function resigned(
    change: (statement: { predicate: Record<string, Json>; own: Record<string, Json> }) => void,
    predicateType: string = SVR_PREDICATE_TYPE,
  ): Promise<() => PromotionRecord> {
    const { payload } = await signRecord(record, signers.registry);
    const statement = parseStatement(Buffer.from(payload, 'base64'));
    const predicate: Record<string, Json> = { ...statement.predicate };
    const own: Record<string, Json> = { ...(predicate['proofmark'] as JsonObject) };
    change({ predicate, own });
    predicate['proofmark'] ??= own;
    const envelope = await signStatement(
      { ...statement, predicateType, predicate: { ...predicate, proofmark: own } },
      [signers.registry],
    );
    return () => readRecord(envelope, trusted);
  }

  const changes: readonly (readonly [string, Parameters<typeof resigned>[0]])[] = [
    ['no policy', ({ predicate }) => (predicate['policies'] = [])],
    ['no time', ({ predicate }) => (predicate['timeCreated'] = 'yesterday')],
    [
      'a time without a zone',
      ({ predicate }) => (predicate['timeCreated'] = '2026-01-01T00:00:00'),
    ],
    ['no verifier', ({ predicate }) => (predicate['verifier'] = {})],
    ['another action', ({ own }) => (own['action'] = 'approval')],
    ['a denial that calls itself a verification result', ({ own }) => (own['action'] = 'denial')],
    ['an alias that climbs', ({ own }) => (own['alias'] = '../live')],
    ['half a generation', ({ own }) => (own['generation'] = 1.5)],
    ['a short digest', ({ own }) => (own['bundleDigest'] = 'c'.repeat(63))],
    ['an attestation without digest', ({ own }) => (own['inputAttestations'] = [{}])],
    ['a reason that is no text', ({ own }) => (own['omitted'] = { shadow: 1 })],
  ];
  for (const [name, change] of changes) {
    test(name, async () => {
      const read = await resigned(change);

      assert.throws(read, registryError('REGISTRY_RECORD_INVALID'));
    });
  }

  test('a promotion in the predicate type of a denial', async () => {
    const read = await resigned(() => undefined, DENIAL_PREDICATE_TYPE);

    assert.throws(read, registryError('REGISTRY_RECORD_INVALID'));
  });

  test('a record by an untrusted key, or without a trusted key', async () => {
    const envelope = await signRecord(record, signers.stranger);

    assert.throws(() => readRecord(envelope, trusted), registryError('REGISTRY_RECORD_INVALID'));
    assert.throws(() => readRecord(envelope, []), registryError('REGISTRY_RECORD_INVALID'));
  });
});
