import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { VerifiedReceipt } from '@proofmark/gateway/receipt';
import { keyring } from '@proofmark/registry';
import {
  ORIGIN,
  attachAs,
  evaluator,
  model,
  moveOf,
  openWorld,
  registerReady,
  signers,
  smallPolicy,
} from '@proofmark/registry/test/world';
import type { World } from '@proofmark/registry/test/world';

import { gateBehind, revokedManifests, standing } from '../src/receipt-lookup.ts';

const digest = 'a'.repeat(64);
const revocation = {
  target: { kind: 'model' },
  actor: 'alice',
  reason: 'backdoor found',
  revokedAtMs: Date.parse('2026-11-23T12:00:00Z'),
} as const;

function installationOf(world: World): Parameters<typeof gateBehind>[0] {
  return {
    registry: world.registry,
    signer: () => signers.registry,
    logTrust: { origin: ORIGIN, logKey: signers.log.publicKey },
  };
}

function receiptAt(index: number): VerifiedReceipt {
  return {
    facts: {
      id: `rcpt_${'1'.repeat(32)}`,
      salt: 'b'.repeat(32),
      startedAtMs: 1,
      issuedAtMs: 2,
      traceId: 'c'.repeat(32),
      tenant: digest,
      route: 'support',
      model: { ...model(), version: '1.0.0' },
      promotion: { index, policyDigest: digest },
      configDigest: 'd'.repeat(64),
      promptVersion: null,
      evidenceLevel: 'verified-at-load',
      requestDigest: digest,
      contextDigest: null,
      evaluators: [],
      outcome: 'answered',
      response: null,
      guardrails: [
        {
          id: 'injection',
          stage: 'input',
          checks: 1,
          outcome: 'pass',
          action: 'allow',
          evaluator,
        },
      ],
      transformations: [],
    },
    logIndex: 9,
    keyIds: ['e'.repeat(64)],
    responseMatched: false,
    requestMatched: false,
    recordMatched: true,
  };
}

test('behind an answer stand its model, receipt key, promotion, rules with their evidence, and configuration', async () => {
  const world = await openWorld();
  await registerReady(world);
  const moved = await world.registry.promote(moveOf());
  const [row] = await world.store.records({ limit: 1 });
  assert.ok(row && moved.outcome === 'moved');

  const gate = await gateBehind(installationOf(world), row.logIndex);
  const lines = standing(receiptAt(row.logIndex), gate).join('\n');

  assert.equal(gate.recordDigest, row.digest);
  const evidence = await world.store.evidence(model().manifestDigest);
  const shown = evidence.filter((item) => lines.includes(item.digest)).map(({ kind }) => kind);
  assert.deepEqual(shown.toSorted(), ['approval', 'dependencies', 'regression', 'scan']);
  for (const fact of [model().manifestDigest, 'e'.repeat(64), 'd'.repeat(64), 'by carol']) {
    assert.ok(lines.includes(fact), fact);
  }
  assert.match(lines, /^signature {2}\S/m);
  assert.match(lines, /^guardrail {2}injection: pass, allow$/m);
});

test('an entry that is no promotion record is said to be missing, also when a later one exists', async () => {
  const world = await openWorld();
  await registerReady(world);
  await world.registry.promote(moveOf());

  await assert.rejects(gateBehind(installationOf(world), 0), { code: 'CLI_STEP_FAILED' });
  await assert.rejects(gateBehind(installationOf(world), 999), { code: 'CLI_STEP_FAILED' });
});

test('revoked are the models that a revocation names, not those of which one attestation was', async () => {
  const world = await openWorld();
  for (const seed of ['first', 'second', 'third']) await registerReady(world, smallPolicy(), seed);
  const [attached] = await world.store.evidence(model('third').manifestDigest);
  assert.ok(attached);
  const target = { kind: 'evidence', evidenceDigest: attached.digest } as const;

  await attachAs(world, 'alice', {
    kind: 'revocation',
    predicate: revocation,
    about: model('second'),
  });
  await attachAs(world, 'alice', {
    kind: 'revocation',
    predicate: { ...revocation, target },
    about: model('third'),
  });

  assert.deepEqual(await revokedManifests(world.store, keyring(smallPolicy())), [
    model('second').manifestDigest,
  ]);
});
